// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentProxyTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "HTTPS_PROXY", "http://proxy.example:3128", "NO_PROXY", "inner.example, .corp.example");

  @Test
  void withoutSettingsThereIsNoProxy() {
    assertThat(EnvironmentProxy.of(null, Map.of())).isNull();
  }

  @Test
  void environmentNamesTheProxyWithoutResolvingIt() {
    assertThat(select(null, "https://feed.example/").address())
        .hasToString("proxy.example/<unresolved>:3128");
  }

  @Test
  void optionWinsOverTheEnvironment() {
    assertThat(select("other.example:8080", "https://feed.example/").address())
        .hasToString("other.example/<unresolved>:8080");
  }

  @Test
  void listedHostsAndTheirSubdomainsAreDirect() {
    assertThat(select(null, "https://inner.example/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(select(null, "https://a.inner.example/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(select(null, "https://A.Corp.example/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(select(null, "https://notinner.example/")).isNotEqualTo(Proxy.NO_PROXY);
  }

  @Test
  void loopbackIsDirect() {
    assertThat(select(null, "http://127.0.0.1:9200/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(select(null, "http://[::1]:9200/")).isEqualTo(Proxy.NO_PROXY);
  }

  @Test
  void messageDoesNotRepeatAPassword() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EnvironmentProxy.of("http://user:hunter2@proxy.example:1", Map.of()))
        .withMessage("--proxy must be http://host:port, without user name and password");
  }

  private static Proxy select(@Nullable String option, String address) {
    EnvironmentProxy proxy = EnvironmentProxy.of(option, ENVIRONMENT);
    assertThat(proxy).isNotNull();
    return proxy.select(URI.create(address)).get(0);
  }

  @Test
  void variableForHttpsIsNotForPlainHttpButTheOptionIs() {
    assertThat(select(null, "http://elasticsearch.example:9200/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(select("http://other.example:8080", "http://elasticsearch.example:9200/"))
        .isNotEqualTo(Proxy.NO_PROXY);
  }
}
