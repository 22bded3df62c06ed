// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The format of tables with a row a line: CSV, TSV and their kin. Immutable and thread-safe.
 *
 * <p>A table has named columns in a fixed order. Where it has a header, the header must begin the
 * list of names: a publisher who inserts, renames or reorders columns breaks the contract (clause
 * {@code header}) instead of moving values into the wrong field.
 *
 * <p>A row with fewer or more fields is rejected ({@code too-few-columns}, {@code
 * too-many-columns}), as is one whose quotes do not match ({@code csv-syntax}) or that has more
 * than 65536 bytes, or what the body allows if that is less ({@code line-too-long}). Since a line
 * break always ends a row, a quote that is not closed costs that row and not those behind it.
 *
 * <p>The list is UTF-8; what is not becomes U+FFFD. Lines end with LF, CRLF or CR; blank lines and
 * lines that start with {@code #} are no rows. Counts and dates in comments, as abuse.ch writes
 * them, are declared.
 */
public final class Delimited implements FeedParser {
  /** Where the names of the columns stand. */
  public enum Header {
    /** Nowhere. */
    NONE,
    /** In the first row that is not a comment. */
    FIRST_ROW,
    /** In a comment above the first row. */
    COMMENT
  }

  private final RecordMapper<Fields> mapper;
  private final String[] columns;
  private final Header header;
  private final char separator;
  private final RowSplitter splitter;
  private final Set<String> missing;

  private Delimited(Builder b, RecordMapper<Fields> mapper) {
    this.mapper = mapper;
    this.columns = b.columns;
    this.header = b.header;
    this.separator = b.separator;
    this.splitter = new RowSplitter(b.separator, b.quoted, b.blanksAroundQuotes, b.foldLast);
    this.missing = Set.copyOf(b.missing);
  }

  /**
   * Returns a builder of a comma-separated format.
   *
   * @param columns the names of the columns in their order, as the publisher's header has them
   * @throws IllegalArgumentException if there is none, or one is there twice
   */
  public static Builder columns(String... columns) {
    return new Builder(columns.clone());
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new RowReader(body, feed);
  }

  /** Collects what the format needs to know. Not thread-safe. */
  public static final class Builder {
    private final String[] columns;
    private Header header = Header.NONE;
    private char separator = ',';
    private boolean quoted = true;
    private boolean blanksAroundQuotes;
    private boolean foldLast;
    private final Set<String> missing = new HashSet<>();

    private Builder(String[] columns) {
      if (columns.length == 0 || new HashSet<>(Arrays.asList(columns)).size() < columns.length) {
        throw new IllegalArgumentException(
            "columns need names that differ: " + Arrays.toString(columns));
      }
      this.columns = columns;
    }

    /** Sets where the header is; default: nowhere. */
    public Builder header(Header header) {
      this.header = Objects.requireNonNull(header, "header");
      return this;
    }

    /**
     * Sets what separates fields; default: a comma.
     *
     * @throws IllegalArgumentException if it is not ASCII, or a quote or line break
     */
    public Builder separator(char separator) {
      if (separator >= 0x80 || separator == '"' || separator == '\n' || separator == '\r') {
        throw new IllegalArgumentException("no separator: U+" + Integer.toHexString(separator));
      }
      this.separator = separator;
      return this;
    }

    /** Says that a double quote is a character like others; default: fields may be in quotes. */
    public Builder unquoted() {
      this.quoted = false;
      return this;
    }

    /** Allows blanks between a separator and a quote; default: such a quote is part of the text. */
    public Builder blanksAroundQuotes() {
      this.blanksAroundQuotes = true;
      return this;
    }

    /**
     * Says that what seems to be too many columns is text of the last one with separators in it;
     * the row's rest then stays as it is, quotes included, unless it is one value in quotes.
     */
    public Builder foldLast() {
      this.foldLast = true;
      return this;
    }

    /** Adds a text that stands for a missing value, for example {@code n/a}. */
    public Builder missing(String text) {
      missing.add(Objects.requireNonNull(text, "text"));
      return this;
    }

    /** Builds the format. */
    public Delimited build(RecordMapper<Fields> mapper) {
      return new Delimited(this, Objects.requireNonNull(mapper, "mapper"));
    }
  }

  private final class RowReader extends LineEntries {
    private final Fields fields;
    private boolean headerDue = header != Header.NONE;

    RowReader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed);
      this.fields = new Fields(feed, body.name(), columns, missing);
    }

    @Override
    void line() throws IOException {
      if (lines.bytes()[lines.start()] == '#') {
        comment(lines.text());
        return;
      }
      fields.begin(lines);
      if (splitter.split(lines.bytes(), lines.start(), lines.end(), fields)) {
        row();
      } else {
        reject(lines.number(), "csv-syntax");
      }
    }

    @Override
    void end() throws IOException {
      // Else a table cut above its header would pass as one without rows.
      if (headerDue) {
        throw brokenHeader("the table ends before its header");
      }
    }

    private void comment(String text) throws IOException {
      FeedEntry declared = Banner.read(text);
      if (declared != null) {
        emit(declared);
      } else if (headerDue && header == Header.COMMENT) {
        List<String> names = names(Banner.strip(text));
        if (names.stream().filter(name -> fields.find(name) >= 0).count() > 1) {
          checkHeader(names);
        }
      }
    }

    private void row() throws IOException {
      if (headerDue) {
        if (header == Header.COMMENT) {
          throw brokenHeader("there is no header in a comment above the first row");
        }
        checkHeader(fields.texts());
      } else if (fields.count() < columns.length) {
        reject(fields.position(), "too-few-columns");
      } else if (fields.count() > columns.length) {
        reject(fields.position(), "too-many-columns");
      } else {
        map(mapper, fields);
      }
    }

    private List<String> names(String text) {
      List<String> names = new ArrayList<>();
      int start = 0;
      while (start <= text.length()) {
        int next = text.indexOf(separator, start);
        int end = next < 0 ? text.length() : next;
        String name = text.substring(start, end).strip();
        boolean inQuotes = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"");
        names.add(inQuotes ? name.substring(1, name.length() - 1) : name);
        start = end + 1;
      }
      return names;
    }

    private void checkHeader(List<String> names) throws IOException {
      headerDue = false;
      for (int i = 0; i < names.size(); i++) {
        if (i >= columns.length || !columns[i].equals(names.get(i))) {
          throw brokenHeader(
              "column "
                  + (i + 1)
                  + (i < columns.length ? " is not \"" + columns[i] + '"' : " is new")
                  + ", so the table has changed and this feed needs a new version");
        }
      }
    }

    private FeedException brokenHeader(String message) {
      return FeedException.contractBroken(fields.feed().id(), "header", message, null);
    }
  }
}
