// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.PagedFeed;
import dev.tip.feed.PagedFeed.Page;
import dev.tip.feed.PagedFeed.Pages;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes feeds of MISP feed folders: {@code manifest.json} and a file for each event.
 *
 * <p>Of the manifest, the events are read that changed since the last one that was stored, in the
 * order of their times; {@link MispEvents} reads them. An event that is in the manifest and not on
 * the server is a rejected record ({@code page-gone}). An event that has left the manifest is not
 * noticed: its indicators end with the time to live.
 *
 * <p>The state has the keys {@code until}, a time in seconds, and {@code at}, the events of that
 * second that are stored, besides those of {@link PagedFeed}.
 */
public final class MispFeed {
  private static final String UNTIL = "until";
  private static final String AT = "at";
  private static final int MAX_EVENTS = 200_000;
  private static final int MAX_IDS = 1000;
  private static final int ID_LENGTH = 36;

  private MispFeed() {}

  /**
   * Returns the feed of a folder.
   *
   * @param info what it is; of incremental coverage
   * @param folder the address of the folder, with or without a slash at its end
   * @param requests says of the requests what {@link HttpFeed.Builder} can be told, for example its
   *     headers
   * @throws IllegalArgumentException if the address cannot be used, or the info promises a whole
   *     list
   */
  public static Feed feed(FeedInfo info, URI folder, Consumer<HttpFeed.Builder> requests) {
    if (info.coverage() != FeedInfo.Coverage.INCREMENTAL) {
      throw new IllegalArgumentException(
          info.id() + ": a MISP feed is read from where the last fetch ended: INCREMENTAL");
    }
    String base = folder.toString().endsWith("/") ? folder.toString() : folder.toString() + '/';
    return PagedFeed.of(info, URI.create(base), requests, last -> new Events(base, last));
  }

  /** An event of the manifest. */
  private record Event(long time, String id) {}

  private static final class Events implements Pages {
    private final String base;
    private final List<Event> events = new ArrayList<>();
    private @Nullable Iterator<Event> rest;
    private long until;
    private List<String> at;
    private @Nullable Event current;
    private boolean asked;

    Events(String base, FetchState last) {
      this.base = base;
      String seconds = last.get(UNTIL).orElse("");
      this.until = Math.max(-1, Numbers.parse(seconds, 0, seconds.length()));
      this.at = last.get(AT).map(ids -> List.of(ids.split(","))).orElse(List.of());
    }

    @Override
    public @Nullable Page next() {
      if (rest == null) {
        if (!asked) {
          asked = true;
          return new Page(URI.create(base + "manifest.json"), "manifest.json", Manifest::new, true);
        }
        events.sort(Comparator.comparingLong(Event::time).thenComparing(Event::id));
        rest = events.iterator();
      }
      moveCursor();
      if (!rest.hasNext()) {
        return null;
      }
      Event event = rest.next();
      current = event;
      String name = event.id() + ".json";
      return new Page(URI.create(base + name), name, MispEvents.of(), false);
    }

    private void moveCursor() {
      Event stored = current;
      if (stored != null) {
        List<String> ids = new ArrayList<>(stored.time() == until ? at : List.of());
        if (ids.size() < MAX_IDS) {
          ids.add(stored.id());
        }
        at = ids;
        until = stored.time();
        current = null;
      }
    }

    @Override
    public void declared(Declared declared) {}

    @Override
    public Map<String, String> cursor() {
      return until < 0 ? Map.of() : Map.of(UNTIL, Long.toString(until), AT, String.join(",", at));
    }

    /** Reads the manifest: it has no entries, but pages. */
    private final class Manifest extends JsonElements {
      private final Set<String> stored = Set.copyOf(at);

      Manifest(FeedBody body, FeedInfo feed) throws IOException {
        super(body, feed);
      }

      @Override
      boolean isRecord(String path, boolean element) {
        // Not by the path alone: a name may have a dot in it.
        return !element
            && !path.isEmpty()
            && json.getParsingContext().getParent().getParent().inRoot();
      }

      @Override
      void scalarAt(String path) throws IOException {
        throw broken("json-path", "the document is no manifest of a MISP feed", null);
      }

      @Override
      void record() throws IOException {
        String id = json.getParsingContext().getParent().getCurrentName();
        String[] time = new String[1];
        fields(
            name -> {
              if (name.equals("timestamp")) {
                time[0] = scalar();
              } else {
                json.skipChildren();
                json.finishToken();
              }
            });
        String text = time[0];
        long seconds =
            text == null || text.length() > 11 ? -1 : Numbers.parse(text, 0, text.length());
        if (!isId(id) || seconds < 0) {
          reject(position(), "misp-manifest");
        } else if (seconds > until || seconds == until && !stored.contains(id)) {
          if (events.size() == MAX_EVENTS) {
            throw broken("misp-manifest", "the manifest has too many events", null);
          }
          events.add(new Event(seconds, id));
        }
      }

      @Override
      void ended() {}
    }

    /** It becomes part of an address. */
    private static boolean isId(String id) {
      boolean good = id.length() == ID_LENGTH;
      for (int i = 0; good && i < id.length(); i++) {
        char c = id.charAt(i);
        good = c == '-' || Character.digit(c, 16) >= 0 && c < 0x80;
      }
      return good;
    }
  }
}
