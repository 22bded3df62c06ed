// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The format of tables with a row a line: CSV, TSV and their kin. Immutable and thread-safe.
 *
 * <p>A table has named columns in a fixed order, or in one of several. Where it has a header, the
 * header must begin the list of names: a publisher who inserts, renames or reorders columns breaks
 * the contract (clause {@code header}) instead of moving values into the wrong field.
 *
 * <p>A row with fewer or more fields is rejected ({@code too-few-columns}, {@code
 * too-many-columns}), as is one whose quotes do not match ({@code csv-syntax}) or that has more
 * than 65536 bytes, or what the body allows if that is less ({@code line-too-long}). Since a line
 * break always ends a row, a quote that is not closed costs that row and not those behind it.
 *
 * <p>The list is UTF-8; what is not becomes U+FFFD. Lines end with LF, CRLF or CR; blank lines and
 * comments are no rows. Counts and dates in comments, as abuse.ch writes them, are declared.
 */
public final class Delimited implements ListFormat {
  /** Where the names of the columns stand. */
  public enum Header {
    /** Nowhere. */
    NONE,
    /** In the first row that is not a comment. */
    FIRST_ROW,
    /** In a comment above the first row. */
    COMMENT,
    /** In a comment above the first row, or in the first row, or nowhere. */
    OPTIONAL;

    /** Returns the name in lower case with hyphens, as a feed description has it. */
    public String value() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Map<String, Object> options;
  private final Statements<? super Fields> statements;
  private final String[] names;
  private final List<String[]> layouts;
  private final boolean anyOrder;
  private final @Nullable String fold;
  private final @Nullable String optional;
  private final byte[][] commentSigns;
  private final Header header;
  private final char separator;
  private final RowSplitter splitter;
  private final Set<String> missing;

  private Delimited(Builder b, Statements<? super Fields> statements) {
    this.options = Collections.unmodifiableMap(new LinkedHashMap<>(b.options));
    this.statements = statements;
    this.layouts = List.copyOf(b.layouts);
    this.names = b.names();
    this.anyOrder = b.anyOrder;
    this.fold = b.fold;
    this.optional = b.optional;
    this.commentSigns = b.commentSigns;
    this.header = b.header;
    this.separator = b.separator;
    this.splitter = new RowSplitter(b.separator, b.quoted, b.blanksAroundQuotes);
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
  public String type() {
    return "delimited";
  }

  @Override
  public Map<String, Object> options() {
    return options;
  }

  @Override
  public Optional<Mapping> mapping() {
    return Optional.ofNullable(statements.mapping());
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new RowReader(body, feed);
  }

  /** Collects what the format needs to know. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> options = new LinkedHashMap<>();
    private final List<String[]> layouts = new ArrayList<>();
    private boolean anyOrder;
    private @Nullable String fold;
    private @Nullable String optional;
    private byte[][] commentSigns = {{'#'}};
    private Header header = Header.NONE;
    private char separator = ',';
    private boolean quoted = true;
    private boolean blanksAroundQuotes;
    private final Set<String> missing = new HashSet<>();

    private Builder(String[] columns) {
      layouts.add(checked(columns));
      options.put("columns", List.of(columns));
    }

    private static String[] checked(String[] columns) {
      if (columns.length == 0 || new HashSet<>(Arrays.asList(columns)).size() < columns.length) {
        throw new IllegalArgumentException(
            "columns need names that differ: " + Arrays.toString(columns));
      }
      return columns;
    }

    /**
     * Adds columns that the table has instead if its header says so, for example those of last
     * year. A field that is not among them has no value.
     *
     * @throws IllegalArgumentException if there is none, or one is there twice
     */
    public Builder orColumns(String... columns) {
      layouts.add(checked(columns.clone()));
      options.put(
          "orColumns", layouts.stream().skip(1).map(other -> (Object) List.of(other)).toList());
      return this;
    }

    /**
     * Says that the header, which then must be there, gives the order of the columns; it may lack
     * all but the first of them, and have others, which are left out.
     */
    public Builder anyOrder() {
      this.anyOrder = true;
      options.put("anyOrder", true);
      return this;
    }

    /**
     * Says that a row may end before this column, or before any behind it; what is not there has no
     * value.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public Builder optionalFrom(String column) {
      this.optional = known(column);
      options.put("optionalFrom", column);
      return this;
    }

    /**
     * Sets what a comment starts with; default: {@code #}.
     *
     * @throws IllegalArgumentException if a sign is empty
     */
    public Builder comments(String first, String... more) {
      this.commentSigns = Comments.signs(first, more);
      options.put("comments", Comments.list(first, more));
      return this;
    }

    private String known(String column) {
      if (layouts.stream().flatMap(Arrays::stream).noneMatch(column::equals)) {
        throw new IllegalArgumentException("no column of that name was declared: " + column);
      }
      return column;
    }

    /** Sets where the header is; default: nowhere. */
    public Builder header(Header header) {
      this.header = Objects.requireNonNull(header, "header");
      options.put("header", header.value());
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
      options.put("separator", String.valueOf(separator));
      return this;
    }

    /** Says that a double quote is a character like others; default: fields may be in quotes. */
    public Builder unquoted() {
      this.quoted = false;
      options.put("unquoted", true);
      return this;
    }

    /** Allows blanks between a separator and a quote; default: such a quote is part of the text. */
    public Builder blanksAroundQuotes() {
      this.blanksAroundQuotes = true;
      options.put("blanksAroundQuotes", true);
      return this;
    }

    /**
     * Says that what seems to be too many columns is text of this one with separators in it. It
     * then stays as it is, quotes included, unless it is one value in quotes; the columns behind it
     * are counted from the end of the row.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public Builder foldInto(String column) {
      this.fold = known(column);
      options.put("foldInto", column);
      return this;
    }

    /** Adds a text that stands for a missing value, for example {@code n/a}. */
    public Builder missing(String text) {
      missing.add(Objects.requireNonNull(text, "text"));
      options.put("missing", missing.stream().sorted().toList());
      return this;
    }

    /**
     * Builds the format with records that say what the mapper makes of them.
     *
     * @throws IllegalArgumentException if the columns may be in any order without a header that
     *     says in which
     */
    public Delimited build(RecordMapper<Fields> mapper) {
      return build(Statements.of(Objects.requireNonNull(mapper, "mapper")));
    }

    /**
     * Builds the format with records that say what the mapping says.
     *
     * @throws IllegalArgumentException if the mapping names a column that is not there, or the
     *     columns may be in any order without a header that says in which
     */
    public Delimited build(Mapping mapping) {
      return build(new MappedStatements(mapping, List.of(names())));
    }

    private String[] names() {
      return layouts.stream().flatMap(Arrays::stream).distinct().toArray(String[]::new);
    }

    private Delimited build(Statements<? super Fields> statements) {
      if (anyOrder && header != Header.COMMENT && header != Header.FIRST_ROW) {
        throw new IllegalArgumentException("columns in any order need a header");
      }
      return new Delimited(this, statements);
    }
  }

  private final class RowReader extends LineEntries {
    private final Fields fields;
    private boolean headerDue = header != Header.NONE;

    RowReader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed, statements.leavesOut());
      this.fields = new Fields(feed, body.name(), names, missing);
      fields.layout(layout(Arrays.asList(layouts.get(0))));
    }

    @Override
    void line() throws IOException {
      if (Comments.isOne(commentSigns, lines.bytes(), lines.start(), lines.end())) {
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
      if (headerDue && header != Header.OPTIONAL) {
        throw brokenHeader("the table ends before its header");
      }
    }

    private void comment(String text) throws IOException {
      FeedEntry.Declared declared = Banner.read(text);
      if (declared != null) {
        emit(declared);
      } else if (headerDue && header != Header.FIRST_ROW) {
        List<String> found = names(Banner.strip(text));
        if (isHeader(found)) {
          checkHeader(found);
        }
      }
    }

    private void row() throws IOException {
      if (headerDue && header == Header.COMMENT) {
        throw brokenHeader("there is no header in a comment above the first row");
      }
      if (headerDue && (header == Header.FIRST_ROW || isHeader(texts()))) {
        checkHeader(texts());
        return;
      }
      headerDue = false;
      if (fields.count() < fields.layout().required()) {
        reject(fields.position(), "too-few-columns");
      } else if (fields.count() > fields.layout().columns()) {
        reject(fields.position(), "too-many-columns");
      } else {
        statements.read(fields, this);
      }
    }

    /** Returns the fields of the row, of which there may be more than columns. */
    private List<String> texts() {
      return anyOrder || layouts.size() > 1 ? names(lines.text()) : fields.texts();
    }

    private boolean isHeader(List<String> found) {
      return found.stream().filter(name -> fields.find(name) >= 0).count()
          >= Math.min(2, names.length);
    }

    private List<String> names(String text) {
      List<String> found = new ArrayList<>();
      int start = 0;
      while (start <= text.length()) {
        int next = text.indexOf(separator, start);
        int end = next < 0 ? text.length() : next;
        String name = text.substring(start, end).strip();
        boolean inQuotes = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"");
        found.add(inQuotes ? name.substring(1, name.length() - 1) : name);
        start = end + 1;
      }
      return found;
    }

    private void checkHeader(List<String> found) throws IOException {
      headerDue = false;
      if (anyOrder) {
        // Zeek has this word before its columns.
        boolean marked = found.get(0).equals("fields") && fields.find("fields") < 0;
        fields.layout(layout(marked ? found.subList(1, found.size()) : found));
        return;
      }
      for (String[] columns : layouts) {
        if (found.size() <= columns.length
            && found.equals(Arrays.asList(columns).subList(0, found.size()))) {
          fields.layout(layout(Arrays.asList(columns)));
          return;
        }
      }
      String[] columns = layouts.get(0);
      int i = 0;
      while (i < found.size() && i < columns.length && columns[i].equals(found.get(i))) {
        i++;
      }
      throw brokenHeader(
          "column "
              + (i + 1)
              + (i < columns.length ? " is not \"" + columns[i] + '"' : " is new")
              + ", so the table has changed and this feed needs a new version");
    }

    private Fields.Layout layout(List<String> columns) throws FeedException {
      int[] places = columns.stream().mapToInt(fields::find).toArray();
      long known = Arrays.stream(places).filter(place -> place >= 0).count();
      if (known != Arrays.stream(places).filter(place -> place >= 0).distinct().count()) {
        throw brokenHeader("a column is there twice");
      }
      if (!columns.contains(names[0])) {
        throw brokenHeader("there is no column \"" + names[0] + '"');
      }
      int ends = optional == null ? -1 : columns.indexOf(optional);
      return new Fields.Layout(places, columns.indexOf(fold), ends < 0 ? places.length : ends);
    }

    private FeedException brokenHeader(String message) {
      return FeedException.contractBroken(fields.feed().id(), "header", message, null);
    }
  }
}
