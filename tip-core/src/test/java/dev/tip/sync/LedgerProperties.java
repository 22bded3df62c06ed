// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.sync.Ledger.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

class LedgerProperties {
  private Path folder = Path.of("");

  @BeforeTry
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("ledger");
  }

  @AfterTry
  void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A record, as text to compare. */
  private record Row(
      byte[] key, byte[] properties, Task task, long added, long written, long listed, long due) {

    static Row of(Random random, int i) {
      byte[] properties = new byte[random.nextInt(10) == 0 ? random.nextInt(200_000) : 30];
      random.nextBytes(properties);
      return new Row(
          String.format("%08d", i).getBytes(StandardCharsets.US_ASCII),
          properties,
          Task.values()[random.nextInt(3) == 0 ? random.nextInt(Task.values().length) : 0],
          time(random),
          time(random),
          time(random),
          time(random));
    }

    private static long time(Random random) {
      // A clock can be set back, so what is remembered may lie in the future.
      return 1_800_000_000_000L + random.nextInt(2_000_000_000) - 1_000_000_000;
    }

    String text() {
      return new String(key, StandardCharsets.US_ASCII)
          + ' '
          + Arrays.hashCode(properties)
          + ' '
          + task
          + ' '
          + added
          + ' '
          + written
          + ' '
          + listed;
    }
  }

  private Path write(List<Row> rows, boolean lasting) throws IOException {
    Path file = folder.resolve("a.ledger");
    try (Ledger.Writer out = new Ledger.Writer(file, lasting, 7, 1_800_000_000_000L, 42)) {
      for (Row row : rows) {
        byte[] data = Arrays.copyOf(row.key, row.key.length + row.properties.length);
        System.arraycopy(row.properties, 0, data, row.key.length, row.properties.length);
        out.add(
            data,
            0,
            row.key.length,
            row.key.length,
            data.length,
            row.task,
            row.added,
            row.written,
            row.listed,
            row.due);
      }
      out.finish(99);
    }
    return file;
  }

  private static List<Row> rows(Random random, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(Row.of(random, i));
    }
    return rows;
  }

  private static List<String> read(Ledger.Reader reader) throws IOException {
    List<String> read = new ArrayList<>();
    try (reader) {
      while (reader.advance()) {
        byte[] data = reader.data();
        Row row =
            new Row(
                Arrays.copyOfRange(data, reader.keyStart(), reader.keyEnd()),
                Arrays.copyOfRange(data, reader.propertiesStart(), reader.end()),
                reader.task(),
                reader.added(),
                reader.written(),
                reader.listed(),
                0);
        read.add(reader.ordinal() + " " + row.text());
      }
    }
    return read;
  }

  private static List<String> numbered(List<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      texts.add(i + " " + rows.get(i).text());
    }
    return texts;
  }

  @Property(tries = 60)
  void recordsComeBackAsTheyWereAndTasksAreFoundByTheirKind(
      @ForAll long seed, @ForAll @IntRange(max = 3000) int count, @ForAll boolean lasting)
      throws Exception {
    List<Row> rows = rows(new Random(seed), count);
    Path file = write(rows, lasting);

    List<String> all = numbered(rows);
    assertThat(read(Ledger.Reader.open(file))).isEqualTo(all);
    assertThat(read(Ledger.Reader.upserts(file)))
        .isEqualTo(all.stream().filter(t -> has(rows, t, true)).toList());
    assertThat(read(Ledger.Reader.withdrawals(file)))
        .isEqualTo(all.stream().filter(t -> has(rows, t, false)).toList());
    try (Ledger.Reader reader = Ledger.Reader.open(file)) {
      Ledger.Header header = reader.header();
      assertThat(header.generation()).isEqualTo(7);
      assertThat(header.listing()).isEqualTo(99);
      assertThat(header.feed()).isEqualTo(42);
      assertThat(header.records()).isEqualTo(count);
      assertThat(header.due())
          .isEqualTo(rows.stream().mapToLong(Row::due).min().orElse(Long.MAX_VALUE));
    }
  }

  private static boolean has(List<Row> rows, String text, boolean upsert) {
    Task task = rows.get(Integer.parseInt(text.substring(0, text.indexOf(' ')))).task;
    return upsert ? task.cause != null : task.reason != null;
  }

  /** No byte that changes, and no cut, passes as another ledger. */
  @Property(tries = 400)
  void damageIsNoticed(@ForAll long seed, @ForAll boolean cut) throws Exception {
    Random random = new Random(seed);
    List<Row> rows = rows(random, 1 + random.nextInt(300));
    Path file = write(rows, random.nextBoolean());
    byte[] bytes = Files.readAllBytes(file);
    int at = random.nextInt(bytes.length);
    if (cut) {
      bytes = Arrays.copyOf(bytes, at);
    } else {
      bytes[at] ^= (byte) (1 + random.nextInt(255));
    }
    Files.write(file, bytes);

    List<String> read;
    try {
      read = read(Ledger.Reader.open(file));
    } catch (CorruptLedgerException e) {
      assertThat(e).hasMessageContaining("the ledger cannot be used");
      return;
    }
    // Some bytes say nothing: those of the mark at the end but its length.
    assertThat(read).isEqualTo(numbered(rows));
    assertThat(at).isGreaterThanOrEqualTo(bytes.length - 20);
  }
}
