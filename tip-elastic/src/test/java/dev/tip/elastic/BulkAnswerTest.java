// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.elastic.BulkAnswer.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkAnswerTest {
  private static InputStream of(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void itemsAreReadInOrderWithTheirErrors() throws IOException {
    String answer =
        """
        {"took":3,"errors":true,"later":{"a":[1,{"b":2}]},"items":[
          {"index":{"_id":"a","status":201}},
          {"index":{"_index":"x","_id":"b","_version":7,"result":"updated","status":200,
                    "_shards":{"total":1}}},
          {"index":{"_id":"c","status":400,"error":{"type":"document_parsing_exception",
                    "reason":"no","caused_by":{"type":"other","reason":"deep"}}}}],"after":null}
        """;
    assertThat(BulkAnswer.items(of(answer), List.of("a", "b", "c")))
        .containsExactly(
            new Item(201, "", ""),
            new Item(200, "", ""),
            new Item(400, "document_parsing_exception", "no"));
  }

  @Test
  void noOperationsHaveNoItems() throws IOException {
    assertThat(BulkAnswer.items(of("{\"items\":[]}"), List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "{}",
        "{\"errors\":false}",
        "{\"items\":{}}",
        "{\"items\":null}",
        "{\"items\":[]}",
        "{\"items\":[null]}",
        "{\"items\":[[]]}",
        "{\"items\":[{}]}",
        "{\"items\":[{\"index\":1}]}",
        "{\"items\":[{\"index\":{}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"b\",\"status\":201}}]}",
        "{\"items\":[{\"index\":{\"_id\":7,\"status\":201}}]}",
        "{\"items\":[{\"index\":{\"_id\":[\"a\"],\"status\":201}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201},\"index\":{}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"index\":{\"_id\":\"a\"}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}}]",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":{}}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"sta",
        "<html>"
      })
  void whatIsNotAnAnswerAboutTheOperationsIsRefused(String answer) {
    assertThatThrownBy(() -> BulkAnswer.items(of(answer), List.of("a")))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"status\":null", ",\"status\":\"x\""})
  void anItemWithoutStatusIsNeverWritten(String status) throws IOException {
    List<Item> items =
        BulkAnswer.items(
            of("{\"items\":[{\"index\":{\"_id\":\"a\"" + status + "}}]}"), List.of("a"));

    assertThat(items.get(0).fault()).isEqualTo(Fault.RETRY);
  }

  @Test
  void anAnswerWithoutEndIsNotReadToIt() {
    byte[] blanks = new byte[1 << 20];
    Arrays.fill(blanks, (byte) ' ');
    InputStream endless =
        new SequenceInputStream(
            of("{"),
            new SequenceInputStream(
                Collections.enumeration(
                    Collections.nCopies(1000, 0).stream()
                        .map(i -> (InputStream) new ByteArrayInputStream(blanks))
                        .toList())));

    assertThatThrownBy(() -> BulkAnswer.items(endless, List.of("a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("maximum");
  }

  @Test
  void aRequestsErrorHasTypeAndReason() throws IOException {
    String answer =
        "{\"error\":{\"root_cause\":[{\"type\":\"other\"}],\"type\":\"t\",\"reason\":\"r\"},"
            + "\"status\":429}";
    assertThat(BulkAnswer.error(429, of(answer))).isEqualTo(new Item(429, "t", "r"));
    assertThat(BulkAnswer.error(503, of("{\"error\":\"text\"}"))).isEqualTo(new Item(503, "", ""));
    assertThat(BulkAnswer.error(503, of("[]"))).isEqualTo(new Item(503, "", ""));
    assertThat(BulkAnswer.error(503, of(""))).isEqualTo(new Item(503, "", ""));
  }
}
