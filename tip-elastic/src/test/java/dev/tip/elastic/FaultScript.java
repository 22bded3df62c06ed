// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.BulkEndpoint.Behaviour;
import dev.tip.elastic.BulkEndpoint.Ending;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.BulkEndpoint.Request;
import dev.tip.elastic.FakeIndex.Refusal;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A bulk API that fails in one way at one place and is well before and after it. Who writes ten
 * batches, one a request, sees what its client makes of that.
 */
final class FaultScript implements Behaviour {
  /** How many batches are written. */
  static final int BATCHES = 10;

  private static final int SMALL = 4000;

  /** What goes wrong. All but the last three pass, and then the right answer is all written. */
  enum Mode {
    ITEMS_429,
    ITEMS_503,
    ITEMS_500_OF_UNKNOWN_TYPE,
    REQUEST_429,
    REQUEST_503,
    PAGE_502,
    RESET_BEFORE_IT_WAS_APPLIED,
    RESET_AFTER_IT_WAS_APPLIED,
    CUT_AFTER_IT_WAS_APPLIED,
    PAGE_200,
    CUT_JSON_200,
    EMPTY_OBJECT_200,
    EMPTY_BODY_200,
    WITHOUT_PRODUCT_HEADER_200,
    FEWER_ITEMS,
    MORE_ITEMS,
    ITEMS_IN_ANOTHER_ORDER,
    ITEMS_OF_OTHER_IDS,
    TOO_LARGE,
    SILENT,
    ONE_DOCUMENT_400,
    KEY_REVOKED;

    /** Returns the eleven that every client for the bulk API is measured by. */
    static Set<Mode> eleven() {
      return Set.of(
          ITEMS_429,
          ITEMS_503,
          REQUEST_429,
          REQUEST_503,
          RESET_BEFORE_IT_WAS_APPLIED,
          RESET_AFTER_IT_WAS_APPLIED,
          PAGE_200,
          CUT_JSON_200,
          EMPTY_OBJECT_200,
          FEWER_ITEMS,
          TOO_LARGE);
    }

    /** Returns whether it goes by what is in a request, not by the number of the request. */
    boolean isOfDocuments() {
      return switch (this) {
        case ITEMS_429, ITEMS_503, ITEMS_500_OF_UNKNOWN_TYPE, TOO_LARGE -> true;
        default -> false;
      };
    }

    /** Returns whether a client can write all of it without help. */
    boolean passes() {
      return this != ONE_DOCUMENT_400 && this != KEY_REVOKED;
    }
  }

  /**
   * Where: in a request and the one after it, or in the first two attempts of the documents of
   * these batches.
   */
  enum Position {
    FIRST(0),
    SECOND_AND_THIRD(1, 2),
    MIDDLE(5),
    LAST(9),
    /** Everywhere; only what goes by documents can be that and pass. */
    EVERYWHERE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);

    private final List<Integer> batches;

    Position(Integer... batches) {
      this.batches = List.of(batches);
    }

    boolean isIn(int request) {
      int first = batches.get(0);
      return this != EVERYWHERE && (request == first || request == first + 1);
    }
  }

  /** Returns every fault that can be at a place, at every place where it can be. */
  static Stream<FaultScript> all(FakeIndex index, List<String> ids) {
    return Stream.of(Mode.values())
        .flatMap(
            mode ->
                Stream.of(Position.values())
                    .filter(at -> at != Position.EVERYWHERE || mode.isOfDocuments())
                    .map(at -> new FaultScript(index, mode, at, ids)));
  }

  private final FakeIndex index;
  private final Mode mode;
  private final Position position;
  private final Set<String> affected = ConcurrentHashMap.newKeySet();
  private final String bad;
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

  /**
   * Creates a script.
   *
   * @param ids of all that is written, in its order
   */
  FaultScript(FakeIndex index, Mode mode, Position position, List<String> ids) {
    this.index = index;
    this.mode = mode;
    this.position = position;
    int size = ids.size() / BATCHES;
    for (int batch : position.batches) {
      affected.addAll(ids.subList(batch * size, (batch + 1) * size));
    }
    this.bad = ids.get(position.batches.get(0) * size + 7);
  }

  Mode mode() {
    return mode;
  }

  Position position() {
    return position;
  }

  @Override
  public Reply reply(Request request) throws IOException {
    int number = requests.getAndIncrement();
    return switch (mode) {
      case ITEMS_429 -> items(request, new Refusal(429, "es_rejected_execution_exception"));
      case ITEMS_503 -> items(request, new Refusal(503, "unavailable_shards_exception"));
      case ITEMS_500_OF_UNKNOWN_TYPE -> items(request, new Refusal(500, "some_new_exception"));
      case TOO_LARGE -> isTooLarge(request) ? Reply.page(413) : healthy(request);
      case ONE_DOCUMENT_400 ->
          apply(
              request,
              id -> id.equals(bad) ? new Refusal(400, "document_parsing_exception") : null);
      case KEY_REVOKED ->
          number >= position.batches.get(0)
              ? Reply.error(401, "security_exception")
              : healthy(request);
      default -> position.isIn(number) ? once(request) : healthy(request);
    };
  }

  private boolean isTooLarge(Request request) throws IOException {
    return request.body().length > SMALL
        && FakeIndex.ids(request.body()).stream().anyMatch(affected::contains);
  }

  private Reply healthy(Request request) throws IOException {
    return Reply.json(200, index.bulk(request.body()));
  }

  private Reply items(Request request, Refusal refusal) throws IOException {
    return apply(
        request,
        id -> affected.contains(id) && attempts.merge(id, 1, Integer::sum) <= 2 ? refusal : null);
  }

  private Reply apply(Request request, FakeIndex.Refusals refusals) throws IOException {
    return Reply.json(200, index.apply(request.body(), Integer.MAX_VALUE, refusals).toString());
  }

  private Reply once(Request request) throws IOException {
    return switch (mode) {
      case REQUEST_429 -> Reply.error(429, "circuit_breaking_exception");
      case REQUEST_503 -> Reply.error(503, "cluster_block_exception");
      case PAGE_502 -> Reply.page(502);
      case RESET_BEFORE_IT_WAS_APPLIED -> Reply.json(200, "").ending(Ending.RESET);
      case RESET_AFTER_IT_WAS_APPLIED -> healthy(request).ending(Ending.RESET);
      case CUT_AFTER_IT_WAS_APPLIED -> healthy(request).ending(Ending.CUT);
      case SILENT -> healthy(request).ending(Ending.SILENT);
      case PAGE_200 -> Reply.page(200);
      case CUT_JSON_200 -> {
        byte[] whole = index.bulk(request.body());
        yield Reply.json(200, Arrays.copyOf(whole, whole.length / 2));
      }
      case EMPTY_OBJECT_200 -> Reply.json(200, "{}");
      case EMPTY_BODY_200 -> Reply.json(200, "");
      case WITHOUT_PRODUCT_HEADER_200 -> {
        Reply whole = healthy(request);
        yield new Reply(
            200, Map.of("Content-Type", "application/json"), whole.body(), Ending.WHOLE);
      }
      case FEWER_ITEMS -> Reply.json(200, index.apply(request.body(), 5, id -> null).toString());
      case MORE_ITEMS -> {
        ObjectNode answer = index.apply(request.body(), Integer.MAX_VALUE, id -> null);
        ArrayNode items = (ArrayNode) answer.path("items");
        items.add(items.get(0));
        yield Reply.json(200, answer.toString());
      }
      case ITEMS_IN_ANOTHER_ORDER -> {
        ObjectNode answer = index.apply(request.body(), Integer.MAX_VALUE, id -> null);
        ArrayNode items = (ArrayNode) answer.path("items");
        items.add(items.remove(0));
        yield Reply.json(200, answer.toString());
      }
      case ITEMS_OF_OTHER_IDS ->
          Reply.json(
              200,
              "{\"items\":"
                  + Collections.nCopies(
                      FakeIndex.ids(request.body()).size(),
                      "{\"index\":{\"_id\":\"other\",\"status\":201}}")
                  + '}');
      case ITEMS_429,
          ITEMS_503,
          ITEMS_500_OF_UNKNOWN_TYPE,
          TOO_LARGE,
          ONE_DOCUMENT_400,
          KEY_REVOKED ->
          throw new AssertionError(mode);
    };
  }

  @Override
  public String toString() {
    return mode + ", " + position;
  }
}
