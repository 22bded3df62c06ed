// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import java.util.Objects;

/** What a parser finds in a body. */
public sealed interface FeedEntry {

  /**
   * A statement.
   *
   * @param position number of the line or record in the body, from 1; entries of one record follow
   *     each other and share it
   * @param indicator the statement
   */
  record Accepted(long position, Indicator indicator) implements FeedEntry {
    /** Checks that the indicator is there. */
    public Accepted {
      Objects.requireNonNull(indicator, "indicator");
    }
  }

  /**
   * A record that cannot be used.
   *
   * @param position number of the line or record in the body, from 1
   * @param text the record as received, cut to {@value #MAX_TEXT} characters
   * @param reason a stable code in kebab case, for example {@code ipv4-leading-zero}
   */
  record Rejected(long position, String text, String reason) implements FeedEntry {
    /** The longest text kept. */
    public static final int MAX_TEXT = 4096;

    /** Cuts the text. */
    public Rejected {
      Objects.requireNonNull(reason, "reason");
      text = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    }
  }

  /**
   * The publisher's word that an earlier statement no longer holds; it wins over statements about
   * the same observable in the same list.
   *
   * @param position number of the line or record in the body, from 1
   * @param observable what the statement was about
   * @param reason a stable code in kebab case
   */
  record Revoked(long position, CyberObservable observable, String reason) implements FeedEntry {
    /** Checks that all is there. */
    public Revoked {
      Objects.requireNonNull(observable, "observable");
      Objects.requireNonNull(reason, "reason");
    }
  }

  /**
   * What the publisher says about the list itself. It is not a record.
   *
   * @param key {@link #RECORDS}, {@link #UPDATED}, {@link #MODIFIED}, {@link #MEMBER} or a key of
   *     the parser's own
   * @param value the value as text
   */
  record Declared(String key, String value) implements FeedEntry {
    /** The number of records that the publisher says the list has: a decimal number. */
    public static final String RECORDS = "records";

    /** When the publisher made the list, as it says in it: an ISO 8601 instant. */
    public static final String UPDATED = "updated";

    /** When the list was last modified, as its server says: an ISO 8601 instant. */
    public static final String MODIFIED = "modified";

    /** The member of an archive that the following entries come from; positions start again. */
    public static final String MEMBER = "member";

    /** Checks that all is there. */
    public Declared {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * A cursor: everything before it has been delivered.
   *
   * @param state what to hand to the next fetch once all entries before this one are stored
   */
  record Checkpoint(FetchState state) implements FeedEntry {
    /** Checks that the state is there. */
    public Checkpoint {
      Objects.requireNonNull(state, "state");
    }
  }
}
