// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.IndicatorSinkProvider;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElasticsearchSinkProviderTest {
  private static final String ALIAS = ElasticsearchSink.DEFAULT_INDEX_BASE;

  private static IndicatorSink create(Map<String, String> settings) throws IOException {
    return new ElasticsearchSinkProvider().create(settings);
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(IndicatorSinkProvider.class))
        .extracting(IndicatorSinkProvider::name)
        .contains("elasticsearch");
  }

  @ParameterizedTest
  @CsvSource({
    "ur,http://127.0.0.1:9,ur",
    "url,ftp://127.0.0.1,url",
    "url,127.0.0.1:9200,url",
    "url,http://,url",
    "url,'http://a b',url",
    "url,http://u:secret@127.0.0.1:9,url",
    "url,http://u:secret@a b,url",
    "url,http://127.0.0.1:9/path,url",
    "url,http://127.0.0.1:9?pretty,url",
    "deadline,2m,deadline",
    "deadline,PT0S,deadline",
    "deadline,-PT1S,deadline",
    "install,yes,install",
    "redistributes,1,redistributes",
    "index-base,Upper,index name",
    "index-base,a*,index name",
    "index-base,'',index name",
    "index-base,../x,index name"
  })
  void aSettingThatCannotBeUsedIsNamed(String name, String value, String named) {
    Map<String, String> settings = new HashMap<>(Map.of("url", "http://127.0.0.1:9"));
    settings.put(name, value);

    assertThatThrownBy(() -> create(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("secret"));
  }

  @Test
  void theUrlIsRequired() {
    assertThatThrownBy(() -> create(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("url");
  }

  @Test
  void aKeyThatIsNoKeyIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> create(Map.of("url", "http://127.0.0.1:9", "api-key", "sec\nret: x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("api-key")
        .hasMessageNotContaining("ret");
  }

  @Test
  void aCaFileWithoutCertificatesIsNamed(@TempDir Path dir) throws IOException {
    Path empty = Files.createFile(dir.resolve("empty.pem"));
    Path text = Files.writeString(dir.resolve("text.pem"), "no certificate");
    for (Path file : List.of(empty, text, dir.resolve("absent.pem"))) {
      assertThatThrownBy(
              () -> create(Map.of("url", "https://127.0.0.1:9", "ca-file", file.toString())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.getFileName().toString());
    }
  }

  @Test
  void theKeyIsSentWithEveryRequestAndTheIndexIsAskedForOnce() throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (BulkEndpoint endpoint =
        new BulkEndpoint(
            request -> {
              seen.add(
                  request.method()
                      + ' '
                      + request.path().split("\\?")[0]
                      + ' '
                      + request.headers().get("authorization"));
              return Reply.json(200, FakeIndex.aliasAnswer(ALIAS));
            })) {
      try (IndicatorSink sink =
          create(Map.of("url", endpoint.url(), "api-key", "a2V5", "redistributes", "true"))) {
        assertThat(sink.info().identity()).startsWith("elasticsearch:uuid-1:mapping-1:");
        assertThat(sink.info().redistributes()).isTrue();
        assertThat(sink.info().appendOnly()).isFalse();
      }
    }
    assertThat(seen).containsExactly("GET /" + ALIAS + " ApiKey a2V5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void aServerThatIsNotThereIsSaid(String install) {
    Map<String, String> settings = Map.of("url", "http://127.0.0.1:1", "install", install);

    assertThatThrownBy(() -> create(settings))
        .isInstanceOfSatisfying(
            SinkException.class,
            e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void aServerThatIsNotElasticsearchIsSaid() throws IOException {
    try (BulkEndpoint endpoint = new BulkEndpoint(request -> Reply.page(200))) {
      assertThatThrownBy(() -> create(Map.of("url", endpoint.url())))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
          .hasMessageContaining("X-Elastic-Product");
    }
  }

  @Test
  void severalIndicesWithoutOneToWriteToAreRefused() throws IOException {
    String two =
        "{\"a\":{\"aliases\":{\"" + ALIAS + "\":{}}},\"b\":{\"aliases\":{\"" + ALIAS + "\":{}}}}";
    try (BulkEndpoint endpoint = new BulkEndpoint(request -> Reply.json(200, two))) {
      assertThatThrownBy(() -> create(Map.of("url", endpoint.url())))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
          .hasMessageContaining("one index to write to");
    }
  }
}
