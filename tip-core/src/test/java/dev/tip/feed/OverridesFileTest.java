// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.tip.Confidence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridesFileTest {
  private static FeedSettings read(String json) throws IOException {
    return FeedSettings.builder()
        .overrides(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  @Test
  void whatTheFileSaysIsChangedAndNothingElse() throws Exception {
    FeedSettings settings =
        read(
            """
            {
              "one": {"url": "https://mirror.example/one", "interval": "PT12H"},
              "two": {"timeToLive": "P10D", "confidence": "Medium"}
            }
            """);

    assertThat(settings.override("one"))
        .contains(
            new FeedSettings.Override(
                URI.create("https://mirror.example/one"), Duration.ofHours(12), null, null));
    assertThat(settings.override("two"))
        .contains(new FeedSettings.Override(null, null, Duration.ofDays(10), Confidence.MEDIUM));
    assertThat(settings.override("three")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|line 1, column 1: expected an object of feeds",
        "{\"one\": 1}|line 1, column 9: expected an object",
        "{\"one\": {\"ttl\": \"P1D\"}}|ttl cannot be changed",
        "{\"one\": {\"interval\": \"12h\"}}|12h is no ISO 8601 duration",
        "{\"one\": {\"interval\": \"-PT1H\"}}|no ISO 8601 duration",
        "{\"one\": {\"interval\": 5}}|expected a text",
        "{\"one\": {\"confidence\": \"certain\"}}|is no confidence",
        "{\"one\": {\"url\": \"http://[\"}}|no address",
        "{\"one\": {}, \"one\": {}}|Duplicate field 'one'",
        "{} {}|there is more behind",
        "{\"one\"|line 1, column",
      })
  void whatCannotBeUsedIsSaidWithItsPlace(String json, String message) {
    assertThatIOException().isThrownBy(() -> read(json)).withMessageContaining(message);
  }

  @Property(tries = 500)
  void noiseIsAnIoExceptionOrSettings(@ForAll String noise) {
    try {
      assertThat(read("{\"one\": {" + noise + "}}")).isNotNull();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("line ");
    }
  }
}
