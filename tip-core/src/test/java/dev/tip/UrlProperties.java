// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class UrlProperties {

  /** User information is no part of the sensor form, but keeps a URL off the short way. */
  @Property(tries = 5000)
  void whatIsInSensorFormIsReadLikeEverythingElse(
      @ForAll("schemes") String scheme, @ForAll("rests") String rest) {
    assertThat(describe(scheme + rest)).isEqualTo(describe(scheme + "user@" + rest));
  }

  @Property
  void partsMakeUpTheValue(@ForAll("rests") String rest) {
    try {
      Url url = CyberObservable.url("http://" + rest);
      boolean inBrackets = url.host().indexOf(':') >= 0;
      assertThat(url.value())
          .isEqualTo(
              url.scheme()
                  + "://"
                  + (inBrackets ? "[" + url.host() + "]" : url.host())
                  + (url.port() < 0 ? "" : ":" + url.port())
                  + url.path()
                  + (url.query() == null ? "" : "?" + url.query()));
    } catch (InvalidIndicatorException refused) {
      assertThat(refused.reason()).isNotEmpty();
    }
  }

  @Provide
  Arbitrary<String> schemes() {
    return Arbitraries.of("http://", "https://", "HTTP://");
  }

  @Provide
  Arbitrary<String> rests() {
    Arbitrary<String> host =
        Arbitraries.of(
            "192.0.2.1",
            "192.0.2.01",
            "192.0.2",
            "a.example",
            "A.example",
            "a.example.",
            "a",
            "a..example",
            "-a.example",
            "_a.b-c.example",
            "a.0x1",
            "[2001:db8::1]",
            "\u00e4.example");
    Arbitrary<String> port =
        Arbitraries.of(
            "", "", ":", ":80", ":443", ":8080", ":08080", ":0", ":65535", ":65536", ":655350",
            ":8a");
    Arbitrary<String> path =
        Arbitraries.of(
                "/", "/", "a", "B", "9", "-", "~", "%41", "%2f", "%zz", " ", "\u00e9", "|", "?",
                "&", "=", "#", "@", ":", "\\", "\t")
            .list()
            .ofMaxSize(6)
            .map(parts -> String.join("", parts));
    return net.jqwik.api.Combinators.combine(host, port, path)
        .as((h, p, rest) -> h + p + (rest.isEmpty() ? "" : "/" + rest));
  }

  private static String describe(String text) {
    try {
      Url url = CyberObservable.url(text);
      return url.value()
          + ' '
          + url.host()
          + ' '
          + url.hostAddress()
          + ' '
          + url.port()
          + ' '
          + url.path()
          + ' '
          + url.query();
    } catch (InvalidIndicatorException e) {
      return e.reason();
    }
  }
}
