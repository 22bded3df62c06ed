// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.BulkAnswer.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class BulkAnswerProperties {
  /** The items, or null for the one documented exception; anything else fails the property. */
  private static List<Item> items(byte[] answer, List<String> ids) {
    try {
      return BulkAnswer.items(new ByteArrayInputStream(answer), ids);
    } catch (IOException e) {
      return null;
    }
  }

  @Property
  void anyBytesAreItemsOrRefused(@ForAll byte[] answer, @ForAll @IntRange(max = 3) int count) {
    List<Item> items = items(answer, List.of("a", "b", "c").subList(0, count));

    assertThat(items == null || items.size() == count).isTrue();
  }

  @Property
  void whatTheServerSaysIsRead(@ForAll("answers") List<Item> wanted) {
    assertThat(items(answer(wanted), ids(wanted))).isEqualTo(wanted);
  }

  @Property
  void aCutAnswerIsRefused(
      @ForAll("answers") List<Item> wanted, @ForAll @IntRange(max = 10_000) int at) {
    byte[] whole = answer(wanted);

    assertThat(items(Arrays.copyOf(whole, at % whole.length), ids(wanted))).isNull();
  }

  @Property
  void aSpoiltAnswerIsItemsOrRefused(
      @ForAll("answers") List<Item> wanted,
      @ForAll @IntRange(max = 10_000) int at,
      @ForAll byte spoilt) {
    byte[] answer = answer(wanted);
    answer[at % answer.length] = spoilt;
    List<Item> items = items(answer, ids(wanted));

    assertThat(items == null || items.size() == wanted.size()).isTrue();
  }

  @Property
  void anyBytesOfAnErrorHaveTheStatus(
      @ForAll byte[] answer, @ForAll @IntRange(min = 300, max = 599) int status) {
    Item error = null;
    try {
      error = BulkAnswer.error(status, new ByteArrayInputStream(answer));
    } catch (IOException e) {
      // The one that is documented; the caller has the status.
      error = new Item(status, "", "");
    }
    assertThat(error.status()).isEqualTo(status);
  }

  @Provide
  Arbitrary<List<Item>> answers() {
    Arbitrary<Item> item =
        Combinators.combine(
                Arbitraries.of(200, 201, 400, 403, 404, 409, 429, 503),
                Arbitraries.strings().ofMaxLength(20),
                Arbitraries.strings().ofMaxLength(40))
            .as(
                (status, type, reason) ->
                    status < 300
                        ? new Item(status, "", "")
                        : new Item(status, paired(type), paired(reason)));
    return item.list().ofMinSize(1).ofMaxSize(8);
  }

  /** JSON in UTF-8 has no unpaired surrogates. */
  private static String paired(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static List<String> ids(List<Item> items) {
    return IntStream.range(0, items.size()).mapToObj(i -> "id" + i).toList();
  }

  private static byte[] answer(List<Item> items) {
    ObjectNode answer = FakeIndex.JSON.createObjectNode().put("took", 1).put("errors", true);
    ArrayNode array = answer.putArray("items");
    for (Item item : items) {
      ObjectNode index = array.addObject().putObject("index");
      index.put("_id", "id" + (array.size() - 1)).put("status", item.status());
      if (item.status() >= 300) {
        index.putObject("error").put("type", item.type()).put("reason", item.reason());
      }
    }
    try {
      return FakeIndex.JSON.writeValueAsBytes(answer);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
