// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedEntry.Declared;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BannerTest {

  @ParameterizedTest
  @CsvSource({
    "# Last updated: 2026-05-17 22:17:15 (UTC)                      #, updated, 2026-05-17T22:17:15Z",
    "# Last updated: 2026-03-04 14:28:39 UTC                        #, updated, 2026-03-04T14:28:39Z",
    "#Last updated:2026-03-04, updated, 2026-03-04T00:00:00Z",
    "# Number of entries: 13, records, 13",
    "# Number of entries: 0, records, 0",
    "# END 28 entries, records, 28",
    "# END (200) entries, records, 200",
    "# END 007 entries, records, 7",
  })
  void statementsAreRead(String comment, String key, String value) {
    assertThat(Banner.read(comment)).isEqualTo(new Declared(key, value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "#",
        "# Last updated: soon",
        "# last updated: 2026-05-17",
        "# Number of entries:",
        "# Number of entries: many",
        "# Number of entries: -1",
        "# Number of entries: 1 of 2",
        "# END entries",
        "# END  entries",
        "# END () entries",
        "# END (1 entries",
        "# END 1) entries",
        "# END 1 entry",
        "# WEEKEND 1 entries",
        "# END ( entries",
        "# END x entries",
        "# Number of entries: 1234567890123456789",
        "END",
        "entries",
        "# END) entries",
      })
  void otherCommentsStateNothing(String comment) {
    assertThat(Banner.read(comment)).isNull();
  }

  @Test
  void signsAndWhiteSpaceAroundCommentAreTakenOff() {
    assertThat(Banner.strip("## a # b #\t#")).isEqualTo("a # b");
    assertThat(Banner.strip("###  #")).isEmpty();
    assertThat(Banner.strip("a")).isEqualTo("a");
  }
}
