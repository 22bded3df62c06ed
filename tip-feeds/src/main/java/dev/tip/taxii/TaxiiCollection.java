// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchState;
import dev.tip.feed.PagedFeed;
import dev.tip.feed.PagedFeed.Page;
import dev.tip.feed.PagedFeed.Pages;
import dev.tip.format.StixObjects;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes feeds of collections of a TAXII 2.1 server.
 *
 * <p>Such a feed asks for indicators, and for the identities and markings that they refer to, added
 * since the last page that was stored; {@link StixObjects} reads them. It follows {@code next} with
 * the original filters, or goes on behind the date of the last object where the server gives no
 * {@code next}. A server that says there is more and does not say where, or goes in circles, breaks
 * the contract (clause {@code paging}).
 *
 * <p>The state has the key {@code added-after} besides those of {@link PagedFeed}: the server's
 * date of the last object, or, where it gives none, five minutes before the fetch; objects that
 * come twice do no harm.
 */
public final class TaxiiCollection {
  /** The media type of TAXII 2.1. */
  public static final String MEDIA_TYPE = "application/taxii+json";

  static final String ACCEPT = MEDIA_TYPE + ";version=2.1";

  private static final String ADDED_AFTER = "added-after";
  private static final String DATE_ADDED_LAST = "date-added-last";
  private static final Duration MARGIN = Duration.ofMinutes(5);

  private TaxiiCollection() {}

  /**
   * Returns the feed of a collection.
   *
   * @param info what it is; of incremental coverage. Its secret is sent as the credentials say
   * @param collection the address of the collection, {@code …/collections/ID/}, or of its objects;
   *     plain http is for servers of one's own
   * @param credentials how its secret is sent
   * @param clock dates what the server does not date
   * @throws IllegalArgumentException if the address or the credentials cannot be used, or the info
   *     promises a whole list
   */
  public static Feed feed(
      FeedInfo info, URI collection, TaxiiCredentials credentials, Clock clock) {
    Objects.requireNonNull(clock, "clock");
    if (info.coverage() != FeedInfo.Coverage.INCREMENTAL) {
      throw new IllegalArgumentException(
          info.id() + ": a TAXII collection is read from where the last fetch ended: INCREMENTAL");
    }
    if (collection.getRawQuery() != null || collection.getRawFragment() != null) {
      throw new IllegalArgumentException(
          info.id() + ": the address of a collection has no query and no fragment");
    }
    String objects = objects(collection.toString());
    return PagedFeed.of(
        info,
        URI.create(objects),
        request -> {
          credentials.sendWith(request);
          request.header("Accept", ACCEPT).declares("X-TAXII-Date-Added-Last", DATE_ADDED_LAST);
          if ("http".equalsIgnoreCase(collection.getScheme())) {
            request.plainHttp();
          }
        },
        last -> new Objects21(info, objects, last, clock));
  }

  private static String objects(String collection) {
    String path = collection.endsWith("/") ? collection : collection + '/';
    return path.endsWith("/objects/") ? path : path + "objects/";
  }

  /** The pages of one fetch. */
  private static final class Objects21 implements Pages {
    private final FeedInfo info;
    private final String objects;
    private final Instant start;
    private final Set<String> seen = new HashSet<>();
    private @Nullable String addedAfter;
    private @Nullable String cursor;
    private @Nullable String pageEnd;
    private int page;

    private boolean more;
    private @Nullable String next;
    private @Nullable String lastAdded;

    Objects21(FeedInfo info, String objects, FetchState last, Clock clock) {
      this.info = info;
      this.objects = objects;
      this.start = clock.instant();
      this.addedAfter = last.get(ADDED_AFTER).filter(Objects21::isTime).orElse(null);
      this.cursor = addedAfter;
    }

    private static boolean isTime(String text) {
      try {
        Instant.parse(text);
        return true;
      } catch (DateTimeException e) {
        return false;
      }
    }

    @Override
    public @Nullable Page next() throws FeedException {
      String query = query();
      if (page > 0) {
        moveCursor();
        if (!more) {
          return null;
        }
        if (next != null) {
          query += "&next=" + encoded(next);
        } else if (lastAdded != null) {
          addedAfter = lastAdded;
          query = query();
        }
      }
      if (!seen.add(query)) {
        throw FeedException.contractBroken(
            info.id(),
            "paging",
            "the server says that there is more, and leads back to where we were; tell its operator",
            null);
      }
      page++;
      more = false;
      next = null;
      lastAdded = null;
      return new Page(URI.create(objects + query), "page " + page, StixObjects.indicators(), true);
    }

    /**
     * Moves on behind what is delivered. Objects of one date can lie on several pages, and what is
     * asked for later is behind the date; so until the last page the date before it is the safe
     * one.
     */
    private void moveCursor() {
      if (lastAdded == null) {
        cursor = more || cursor != null ? cursor : start.minus(MARGIN).toString();
      } else if (!more) {
        cursor = lastAdded;
      } else {
        if (pageEnd != null && !pageEnd.equals(lastAdded)) {
          cursor = pageEnd;
        }
        pageEnd = lastAdded;
      }
    }

    private String query() {
      String types = "?match%5Btype%5D=indicator,identity,marking-definition";
      return addedAfter == null ? types : types + "&added_after=" + encoded(addedAfter);
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void declared(Declared declared) {
      switch (declared.key()) {
        case StixObjects.MORE -> more = declared.value().equals("true");
        case StixObjects.NEXT -> next = declared.value();
        case DATE_ADDED_LAST -> {
          if (isTime(declared.value())) {
            lastAdded = declared.value();
          }
        }
        default -> {}
      }
    }

    @Override
    public Map<String, String> cursor() {
      return cursor == null ? Map.of() : Map.of(ADDED_AFTER, cursor);
    }
  }
}
