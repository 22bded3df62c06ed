// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The format of lists with a value, or a rule about names, a line. Immutable and thread-safe.
 *
 * <p>Lines end with LF, CRLF or CR; white space around a value, blank lines and lines that start
 * with a comment sign are no records. The list is UTF-8; what is not becomes U+FFFD, and a value
 * with it is for the model to refuse. A line of more than 65536 bytes, or what the body allows if
 * that is less, is rejected with the reason {@code line-too-long}.
 *
 * <p>With another {@link Syntax} a line may hold several values, which are one record, or none.
 *
 * <p>Counts and dates in comments, as abuse.ch writes them, are declared. A list whose first value
 * starts like a JSON object is an error message and breaks the contract (clause {@code json}).
 */
public final class Lines implements ListFormat {
  private static final int MAX_SECTION = 64;

  /** How a line holds its values. */
  public enum Syntax {
    /** The line is the value. */
    PLAIN(null, "#"),
    /** The line is a name that may have {@code *.} before it. */
    WILDCARDS(LineSyntax.Wildcards::new, "#"),
    /**
     * Hosts files: an address that leads nowhere, and names; each name is a value. Names of the
     * machine itself, such as {@code localhost}, are none. A line with another address is rejected
     * ({@code hosts-address}), as is one without a name ({@code hosts-syntax}).
     */
    HOSTS(LineSyntax.Hosts::new, "#"),
    /**
     * Filter rules of ad blockers; the host of {@code ||host^} is a value, options that leave the
     * rule about all of the host are allowed. Other rules are rejected ({@code rule-unsupported},
     * {@code rule-allows}).
     */
    ADBLOCK(LineSyntax.Adblock::new, "!", "#", "["),
    /**
     * Configuration of dnsmasq; each name of {@code address=/name/}, {@code local=/name/} and
     * {@code server=/name/} is a value if it is answered with nothing or with an address that leads
     * nowhere. Other lines are rejected ({@code rule-unsupported}, {@code rule-allows}).
     */
    DNSMASQ(LineSyntax.Dnsmasq::new, "#"),
    /**
     * Response policy zones; names that are answered with nothing or with an address that leads
     * nowhere are values, and so are the networks of {@code rpz-ip}. The records of the zone itself
     * are none. Others are rejected ({@code rule-unsupported}, {@code rule-allows}, {@code
     * rpz-trigger}, {@code rpz-zone}, {@code rpz-directive}, {@code rpz-syntax}).
     */
    RPZ(RpzSyntax::new, ";");

    private final @Nullable Supplier<LineSyntax> reader;
    private final byte[][] commentSigns;

    Syntax(@Nullable Supplier<LineSyntax> reader, String comment, String... more) {
      this.reader = reader;
      this.commentSigns = Comments.signs(comment, more);
    }

    /** Returns the name in lower case, as a feed description has it. */
    public String value() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<String, Object> options;
  private final Statements<? super Line> statements;
  private final byte[][] commentSigns;
  private final int trailingSign;
  private final boolean sections;
  private final Syntax syntax;
  private final int banner;
  private final boolean uncounted;

  private Lines(Builder b, Statements<? super Line> statements) {
    this.options = Collections.unmodifiableMap(new LinkedHashMap<>(b.options));
    this.statements = statements;
    this.commentSigns = b.commentSigns;
    this.trailingSign = b.trailingSign;
    this.sections = b.sections;
    this.syntax = b.syntax;
    this.banner = b.banner;
    this.uncounted = b.uncounted;
  }

  /** Returns the format whose comments start with {@code #}. */
  public static Lines of(RecordMapper<Line> mapper) {
    return builder().build(mapper);
  }

  /**
   * Returns the format whose comments start with {@code #}.
   *
   * @throws IllegalArgumentException if the mapping names a field that lines have not
   */
  public static Lines of(Mapping mapping) {
    return builder().build(mapping);
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String type() {
    return "lines";
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
    return new Reader(body, feed);
  }

  /** Collects what the format needs to know. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> options = new LinkedHashMap<>();
    private byte[][] commentSigns = Syntax.PLAIN.commentSigns;
    private int trailingSign = -1;
    private boolean sections;
    private Syntax syntax = Syntax.PLAIN;
    private int banner;
    private boolean uncounted;

    private Builder() {}

    /** Sets how a line holds its values, and with it what a comment line starts with. */
    public Builder syntax(Syntax syntax) {
      this.syntax = syntax;
      options.put("syntax", syntax.value());
      options.remove("comments");
      this.commentSigns = syntax.commentSigns;
      return this;
    }

    /**
     * Says that so many lines at the begin are a banner, whatever they start with; default: none.
     *
     * @throws IllegalArgumentException if the number is negative
     */
    public Builder banner(int lines) {
      if (lines < 0) {
        throw new IllegalArgumentException("a negative number of lines: " + lines);
      }
      this.banner = lines;
      options.put("banner", (long) lines);
      return this;
    }

    /** Says that the list miscounts itself, so that a number of records in it is not declared. */
    public Builder uncounted() {
      this.uncounted = true;
      options.put("uncounted", true);
      return this;
    }

    /**
     * Sets what a comment line starts with; default: {@code #}.
     *
     * @throws IllegalArgumentException if a sign is empty
     */
    public Builder comments(String first, String... more) {
      this.commentSigns = Comments.signs(first, more);
      options.put("comments", Comments.list(first, more));
      return this;
    }

    /**
     * Says that white space and this sign end the value and start a comment; default: a value goes
     * to the end of its line, because URLs and file names may hold any sign.
     *
     * @throws IllegalArgumentException if the sign is not ASCII
     */
    public Builder trailingComment(char sign) {
      if (sign <= ' ' || sign >= 0x7f) {
        throw new IllegalArgumentException("not a visible ASCII character: U+" + (int) sign);
      }
      this.trailingSign = sign;
      options.put("trailingComment", String.valueOf(sign));
      return this;
    }

    /**
     * Says that the comment just above a value is a heading, which holds until the next; one of
     * more than 64 characters is none.
     */
    public Builder sections() {
      this.sections = true;
      options.put("sections", true);
      return this;
    }

    /** Builds the format with lines that say what the mapper makes of them. */
    public Lines build(RecordMapper<Line> mapper) {
      return new Lines(this, Statements.of(Objects.requireNonNull(mapper, "mapper")));
    }

    /**
     * Builds the format with lines that say what the mapping says.
     *
     * @throws IllegalArgumentException if the mapping names a field that lines have not
     */
    public Lines build(Mapping mapping) {
      return new Lines(this, new MappedStatements(mapping, Line.NAMES));
    }
  }

  private final class Reader extends LineEntries implements LineSyntax.Values {
    private final Line line;
    private final @Nullable LineSyntax rules;
    private @Nullable String heading;

    Reader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed, statements.leavesOut());
      this.line = new Line(feed, body.name());
      this.rules = syntax.reader == null ? null : syntax.reader.get();
    }

    @Override
    void line() throws FeedException {
      byte[] bytes = lines.bytes();
      int start = lines.start();
      int end = lines.end();
      while (LineReader.isBlank(bytes[start])) {
        start++;
      }
      while (LineReader.isBlank(bytes[end - 1])) {
        end--;
      }
      if (lines.number() <= banner || Comments.isOne(commentSigns, bytes, start, end)) {
        comment(new String(bytes, start, end - start, StandardCharsets.UTF_8));
        return;
      }
      if (heading != null) {
        line.section(heading.length() <= MAX_SECTION ? heading : null);
        heading = null;
      }
      if (line.position() == 0
          && bytes[start] == '{'
          && end - start > 1
          && bytes[start + 1] == '"') {
        throw FeedException.contractBroken(
            line.feed().id(), "json", "a JSON object came instead of the list: an error", null);
      }
      line.position(lines.number());
      if (rules == null) {
        value(bytes, start, end);
        statements.read(line, this);
        return;
      }
      String reason = rules.read(bytes, start, end, start > lines.start(), this);
      if (reason != null) {
        reject(lines.number(), reason);
      }
    }

    @Override
    public void add(int start, int end) {
      line.set(lines.bytes(), start, end, lines.ascii(), null);
      statements.read(line, this);
    }

    @Override
    public void add(String value) {
      line.set(value);
      statements.read(line, this);
    }

    private void value(byte[] bytes, int start, int end) {
      String comment = null;
      int valueEnd = end;
      for (int i = start + 1; trailingSign >= 0 && i < end; i++) {
        if (bytes[i] == trailingSign && LineReader.isBlank(bytes[i - 1])) {
          comment = new String(bytes, i + 1, end - i - 1, StandardCharsets.UTF_8).strip();
          valueEnd = i - 1;
          while (LineReader.isBlank(bytes[valueEnd - 1])) {
            valueEnd--;
          }
          break;
        }
      }
      line.set(bytes, start, valueEnd, lines.ascii(), comment);
    }

    private void comment(String text) {
      FeedEntry.Declared declared = Banner.read(text);
      if (declared != null) {
        if (!uncounted || !declared.key().equals(FeedEntry.Declared.RECORDS)) {
          emit(declared);
        }
      } else if (sections) {
        String label = Banner.strip(text);
        heading = label.isEmpty() ? heading : label;
      }
    }
  }
}
