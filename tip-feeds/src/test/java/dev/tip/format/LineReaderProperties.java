// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class LineReaderProperties {
  private static final int MAX = LineReader.MAX_LINE;

  private record Seen(long number, String text, boolean tooLong, boolean ascii, boolean blank) {}

  @Provide
  Arbitrary<byte[]> bytes() {
    return Arbitraries.of((byte) '\n', (byte) '\r', (byte) 'a', (byte) ' ', (byte) 0, (byte) 0xff)
        .array(byte[].class)
        .ofMaxSize(60);
  }

  @Property
  void linesAreWhatStandsBetweenLineEnds(
      @ForAll("bytes") byte[] bytes,
      @ForAll @IntRange(min = 1, max = 7) int chunk,
      @ForAll @IntRange(min = 1, max = 9) int maxLine)
      throws IOException {
    List<Seen> expected = new ArrayList<>();
    for (byte[] line : ListText.lines(bytes)) {
      byte[] kept = Arrays.copyOf(line, Math.min(line.length, maxLine));
      expected.add(
          new Seen(
              expected.size() + 1,
              new String(kept, StandardCharsets.UTF_8),
              line.length > maxLine,
              line.length > maxLine || IntStream.range(0, line.length).allMatch(i -> line[i] >= 0),
              ListText.strip(kept).isEmpty()));
    }

    assertThat(read(new Slow(bytes, chunk), maxLine)).isEqualTo(expected);
  }

  @Property(tries = 60)
  void longLinesCostNoOther(
      @ForAll @IntRange(min = -3, max = 3) int around,
      @ForAll @IntRange(min = 1, max = 3) int times,
      @ForAll @IntRange(min = 0, max = 2 * MAX) int before,
      @ForAll("ends") String end)
      throws IOException {
    String longLine = "x".repeat(times * MAX + around);
    String text = "y".repeat(Math.min(before, MAX)) + end + longLine + end + "last";

    List<Seen> lines = read(new Slow(text.getBytes(StandardCharsets.UTF_8), 9_999), MAX);

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1).tooLong()).isEqualTo(longLine.length() > MAX);
    assertThat(longLine).startsWith(lines.get(1).text());
    assertThat(lines.get(1).text()).hasSize(longLine.length() > MAX ? 4096 : longLine.length());
    assertThat(lines.get(2)).isEqualTo(new Seen(3, "last", false, true, false));
  }

  @Provide
  Arbitrary<String> ends() {
    return Arbitraries.of("\n", "\r", "\r\n");
  }

  @Property
  void offsetIsTheNumberOfBytesBeforeTheLine(
      @ForAll("bytes") byte[] bytes, @ForAll @IntRange(min = 1, max = 7) int chunk)
      throws IOException {
    LineReader reader = new LineReader(new Slow(bytes, chunk), MAX);
    while (reader.next()) {
      int offset = (int) reader.offset();
      byte[] line = reader.text().getBytes(StandardCharsets.UTF_8);
      if (reader.ascii()) {
        assertThat(new String(bytes, offset, line.length, StandardCharsets.US_ASCII))
            .isEqualTo(reader.text());
      }
      assertThat(offset == 0 || bytes[offset - 1] == '\n' || bytes[offset - 1] == '\r').isTrue();
    }
  }

  @Example
  void offsetGoesOnBehindTheBuffer() throws IOException {
    String line = "z".repeat(1000) + "\r\n";
    byte[] bytes = line.repeat(500).getBytes(StandardCharsets.US_ASCII);
    LineReader reader = new LineReader(new ByteArrayInputStream(bytes), MAX);
    long lines = 0;
    while (reader.next()) {
      assertThat(reader.offset()).isEqualTo(lines++ * line.length());
      assertThat(reader.number()).isEqualTo(lines);
      assertThat(reader.end() - reader.start()).isEqualTo(1000);
    }
    assertThat(lines).isEqualTo(500);
  }

  @Example
  void limitOfTheCallerIsNotAboveTheOwn() throws IOException {
    byte[] bytes = "x".repeat(MAX + 1).getBytes(StandardCharsets.US_ASCII);

    assertThat(read(new ByteArrayInputStream(bytes), Integer.MAX_VALUE).get(0).tooLong()).isTrue();
    assertThat(read(new ByteArrayInputStream(bytes), 10).get(0).tooLong()).isTrue();
  }

  private static List<Seen> read(InputStream in, int maxLine) throws IOException {
    LineReader reader = new LineReader(in, maxLine);
    List<Seen> lines = new ArrayList<>();
    while (reader.next()) {
      lines.add(
          new Seen(
              reader.number(),
              reader.text(),
              reader.tooLong(),
              reader.tooLong() || reader.ascii(),
              reader.isBlank()));
    }
    assertThat(reader.next()).isFalse();
    return lines;
  }

  /** Gives a few bytes at a time. */
  private static final class Slow extends FilterInputStream {
    private final int most;

    Slow(byte[] bytes, int most) {
      super(new ByteArrayInputStream(bytes));
      this.most = most;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return super.read(buffer, offset, Math.min(length, most));
    }
  }
}
