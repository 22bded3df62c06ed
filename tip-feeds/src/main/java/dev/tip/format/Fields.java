// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record with named fields: a row of {@link Delimited} or an object of {@link JsonRecords}.
 *
 * <p>A field has no value if it is blank, {@code null}, or one of the texts that the format was
 * told to stand for a missing value.
 */
public final class Fields extends FeedRecord {
  private static final int NONE = -1;

  private final String[] names;
  private final Set<String> missing;
  private final byte[][] missingBytes;

  // A value is a text, a list, or the place of a text in the line.
  private final @Nullable String[] texts;
  private final @Nullable List<String>[] lists;
  private final int[] starts;
  private final int[] ends;
  private byte[] line = {};
  private boolean ascii;
  private final AsciiText view = new AsciiText();

  private int count;
  private int lastFound;
  private @Nullable Layout layout;

  /** Which columns a row has. */
  static final class Layout {
    private final int[] places;
    private final int fold;
    private final int required;

    /**
     * Makes a layout.
     *
     * @param places of each column the place of its name, or -1 if nobody asks for it
     * @param fold the column that may have separators in it, or -1
     * @param required the least number of columns
     */
    Layout(int[] places, int fold, int required) {
      this.places = places;
      this.fold = fold;
      this.required = required;
    }

    /** Returns the number of columns. */
    int columns() {
      return places.length;
    }

    int fold() {
      return fold;
    }

    int required() {
      return required;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // There is no other way to make such an array.
  Fields(FeedInfo feed, String bodyName, String[] names, Set<String> missing) {
    super(feed, bodyName);
    this.names = names;
    this.missing = missing;
    this.missingBytes =
        missing.stream().map(m -> m.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    this.texts = new String[names.length];
    this.lists = (List<String>[]) new List[names.length];
    this.starts = new int[names.length];
    this.ends = new int[names.length];
    Arrays.fill(starts, NONE);
  }

  /**
   * Returns a field's text without white space around it.
   *
   * @return the text, or null if the field has no value
   * @throws IllegalArgumentException if the format was not told of such a field
   */
  public @Nullable String text(String name) {
    return text(index(name));
  }

  @Override
  @Nullable String text(int index) {
    if (isAscii(index)) {
      return trim(index)
          ? new String(line, starts[index], ends[index] - starts[index], StandardCharsets.US_ASCII)
          : null;
    }
    String text = decoded(index);
    if (text == null) {
      return null;
    }
    text = text.strip();
    return text.isEmpty() || missing.contains(text) ? null : text;
  }

  /**
   * Returns a field's text without white space around it.
   *
   * @throws InvalidIndicatorException if the field has no value; reason {@code field-missing}
   * @throws IllegalArgumentException if the format was not told of such a field
   */
  public String require(String name) {
    String text = text(name);
    if (text == null) {
      throw new InvalidIndicatorException("field-missing", name);
    }
    return text;
  }

  /**
   * Returns a field's time, in UTC where the text has no offset.
   *
   * @return the time of {@code uuuu-MM-dd HH:mm:ss} or ISO 8601, the begin of a day without time,
   *     or null if the field has no value
   * @throws InvalidIndicatorException if the text is no time; reason {@code time-syntax}
   * @throws IllegalArgumentException if the format was not told of such a field
   */
  public @Nullable Instant time(String name) {
    CharSequence text = view(index(name));
    if (text == null) {
      return null;
    }
    Instant time = Timestamps.parse(text);
    if (time == null) {
      throw new InvalidIndicatorException("time-syntax", text);
    }
    return time;
  }

  /**
   * Returns a field's number.
   *
   * @param absent what to return if the field has no value
   * @throws InvalidIndicatorException if the text is not a decimal number without sign of at most
   *     18 digits; reason {@code number-syntax}
   * @throws IllegalArgumentException if the format was not told of such a field
   */
  public long number(String name, long absent) {
    CharSequence text = view(index(name));
    if (text == null) {
      return absent;
    }
    long number = Numbers.parse(text, 0, text.length());
    if (number < 0) {
      throw new InvalidIndicatorException("number-syntax", text);
    }
    return number;
  }

  /**
   * Returns the parts of a field: the elements of a JSON array, otherwise what stands between
   * commas, without white space around it and without empty ones.
   *
   * @return the parts; empty if the field has no value
   * @throws IllegalArgumentException if the format was not told of such a field
   */
  public List<String> list(String name) {
    return list(index(name), ELEMENTS);
  }

  @Override
  List<String> list(int index, char separator) {
    List<String> list = lists[index];
    return list == null ? super.list(index, separator) : list;
  }

  /** Forgets the values of the last record. */
  void begin(long position) {
    position(position);
    count = 0;
    for (int i = 0; i < names.length; i++) {
      texts[i] = null;
      lists[i] = null;
      starts[i] = NONE;
    }
  }

  /** Begins a record whose values are places in a line. */
  void begin(LineReader lines) {
    begin(lines.number());
    line = lines.bytes();
    ascii = lines.ascii();
  }

  /** Sets which columns rows have from now on. */
  void layout(Layout layout) {
    this.layout = layout;
  }

  /** Returns which columns rows have. */
  Layout layout() {
    return Objects.requireNonNull(layout, "layout");
  }

  /** Returns the number of values since the record began. */
  int count() {
    return count;
  }

  /** Returns the values of the record as they are; those beyond the last column are empty. */
  List<String> texts() {
    List<String> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int place = place(i);
      String text = place >= 0 ? decoded(place) : null;
      all.add(text == null ? "" : text.strip());
    }
    return all;
  }

  private int place(int column) {
    int[] places = layout().places;
    return column < places.length ? places[column] : NONE;
  }

  /**
   * Appends a value that stands in the line; those beyond the last column are counted only.
   *
   * @param doubledQuotes whether two quotes in it stand for one
   */
  void add(int start, int end, boolean doubledQuotes) {
    int place = place(count);
    if (place >= 0) {
      if (doubledQuotes) {
        texts[place] =
            new String(line, start, end - start, StandardCharsets.UTF_8).replace("\"\"", "\"");
      } else {
        starts[place] = start;
        ends[place] = end;
      }
    }
    count++;
  }

  void set(int index, @Nullable String text) {
    texts[index] = text;
    count++;
  }

  void set(int index, List<String> list) {
    lists[index] = list;
    count++;
  }

  /** Returns the place of a name, or -1. */
  int find(String name) {
    // Mappers ask for fields in about the order of the columns.
    for (int i = lastFound + 1; i < names.length; i++) {
      if (names[i].equals(name)) {
        lastFound = i;
        return i;
      }
    }
    for (int i = 0; i <= lastFound; i++) {
      if (names[i].equals(name)) {
        lastFound = i;
        return i;
      }
    }
    return -1;
  }

  private int index(String name) {
    int index = find(name);
    if (index < 0) {
      throw new IllegalArgumentException("no field of that name was declared: " + name);
    }
    return index;
  }

  private boolean isAscii(int index) {
    return ascii && starts[index] != NONE;
  }

  /** Takes the white space off a value in ASCII; false if the field has no value. */
  private boolean trim(int index) {
    int start = starts[index];
    int end = ends[index];
    while (start < end && Character.isWhitespace(line[start])) {
      start++;
    }
    while (end > start && Character.isWhitespace(line[end - 1])) {
      end--;
    }
    starts[index] = start;
    ends[index] = end;
    if (start == end) {
      return false;
    }
    for (byte[] text : missingBytes) {
      if (Arrays.equals(line, start, end, text, 0, text.length)) {
        return false;
      }
    }
    return true;
  }

  @Override
  @Nullable CharSequence view(int index) {
    if (!isAscii(index)) {
      return text(index);
    }
    if (!trim(index)) {
      return null;
    }
    view.set(line, starts[index], ends[index]);
    return view;
  }

  private @Nullable String decoded(int index) {
    return starts[index] == NONE
        ? texts[index]
        : new String(line, starts[index], ends[index] - starts[index], StandardCharsets.UTF_8);
  }
}
