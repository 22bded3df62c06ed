// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.SmallDisk;
import dev.tip.ecs.JsonText;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NdjsonSinkTest {
  private static final FeedInfo FEED =
      FeedInfo.builder("example-list")
          .provider("Example")
          .reference(URI.create("https://feed.example/list"))
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
          .types(CyberObservable.Type.DOMAIN_NAME)
          .build();

  @TempDir Path dir;

  private static Change upsert(String domain) {
    Indicator indicator = Indicator.builder(CyberObservable.domainName(domain), FEED).build();
    return new Change.Upsert(indicator, 1, Change.Cause.NEW, Instant.EPOCH, Instant.EPOCH);
  }

  private static Change withdraw(String domain) {
    return new Change.Withdraw(
        ((Change.Upsert) upsert(domain)).indicator(), 2, Change.Reason.DELISTED, Instant.EPOCH);
  }

  private static List<Map<String, Object>> lines(byte[] content) throws IOException {
    List<Map<String, Object>> out = new ArrayList<>();
    for (String line : new String(content, UTF_8).lines().toList()) {
      out.add(JsonText.flat(line.getBytes(UTF_8)));
    }
    return out;
  }

  @Test
  void writesOneDocumentALine() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NdjsonSink sink = NdjsonSink.builder(out).build()) {
      WriteResult result = sink.write(List.of(upsert("a.example"), withdraw("b.example")));

      assertThat(result.count(WriteResult.Status.WRITTEN)).isEqualTo(2);
      assertThat(sink.info().appendOnly()).isTrue();
      assertThat(sink.info().redistributes()).isFalse();
    }
    assertThat(out.toString(UTF_8)).endsWith("}\n");
    List<Map<String, Object>> lines = lines(out.toByteArray());
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).containsEntry("threat.indicator.name", "a.example");
    assertThat(lines.get(1)).containsEntry("tip.status", "withdrawn");
  }

  @Test
  void writesBulkOperationsOnRequest() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NdjsonSink sink = NdjsonSink.builder(out).bulk("some-alias").build()) {
      sink.write(List.of(upsert("a.example")));
    }
    List<Map<String, Object>> lines = lines(out.toByteArray());
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .containsEntry("index._index", "some-alias")
        .containsEntry("index.require_alias", true)
        .containsEntry("index.version_type", "external_gte");
  }

  @Test
  void appendsToTheFileItWroteBefore() throws Exception {
    Path file = dir.resolve("out.ndjson");
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      sink.write(List.of(upsert("a.example")));
    }
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      sink.write(List.of(upsert("b.example")));
    }
    assertThat(lines(Files.readAllBytes(file))).hasSize(2);
  }

  @Test
  void cutsTheUnfinishedLineThatACrashLeft() throws Exception {
    Path file = dir.resolve("out.ndjson");
    String torn = "{\"x\":\"" + "y".repeat(20_000);
    Files.writeString(file, "{\"a\":\"b\"}\n" + torn);

    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      sink.write(List.of(upsert("a.example")));
    }
    List<Map<String, Object>> lines = lines(Files.readAllBytes(file));
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).containsEntry("a", "b");
  }

  @Test
  void fileOfSomethingElseIsLeftAlone() throws Exception {
    Path file = dir.resolve("notes.txt");
    Files.writeString(file, "my notes, no line break");

    assertThatThrownBy(() -> NdjsonSink.builder(file).build())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notes.txt");
    assertThat(file).hasContent("my notes, no line break");
  }

  @Test
  void objectWithoutLineEndIsLeftAlone() throws Exception {
    Path file = dir.resolve("settings.json");
    Files.writeString(file, "{\"a\":{\"b\":1}}");

    assertThatThrownBy(() -> NdjsonSink.builder(file).build())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("settings.json");
    assertThat(file).hasContent("{\"a\":{\"b\":1}}");
  }

  @Test
  void actionWithoutItsDocumentIsCutOff() throws Exception {
    Path file = dir.resolve("out.ndjson");
    try (NdjsonSink sink = NdjsonSink.builder(file).bulk("alias").build()) {
      sink.write(List.of(upsert("a.example")));
    }
    Files.writeString(
        file,
        Files.readString(file) + "{\"index\":{\"_id\":\"x\"}}\n{\"@timestamp\":\"2026",
        UTF_8);

    try (NdjsonSink sink = NdjsonSink.builder(file).bulk("alias").build()) {
      sink.write(List.of(upsert("b.example")));
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("{\"index\"");
    assertThat(lines.get(1)).contains("a.example");
    assertThat(lines.get(2)).startsWith("{\"index\"");
    assertThat(lines.get(3)).contains("b.example");
  }

  @Test
  void lastObjectWithoutLineEndIsLeftAlone() throws Exception {
    Path file = dir.resolve("out.ndjson");
    Files.writeString(file, "{\"a\":1}\n{\"b\":2}");

    assertThatThrownBy(() -> NdjsonSink.builder(file).build())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line end");
    assertThat(file).hasContent("{\"a\":1}\n{\"b\":2}");
  }

  private static String identity(Path file) throws IOException {
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      return sink.info().identity();
    }
  }

  @Test
  void fileIsTheSameSinkFromItsFirstWriteUntilItIsEmptied() throws Exception {
    assumeTrue(Files.getFileStore(dir).supportsFileAttributeView("user"));
    Path file = dir.resolve("out.ndjson");
    String first;
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      sink.write(List.of(upsert("a.example")));
      first = sink.info().identity();
    }
    assertThat(identity(file)).isEqualTo(first);
    Files.write(file, new byte[0]);
    assertThat(identity(file)).isNotEqualTo(first);
    Files.delete(file);
    assertThat(identity(file)).isNotEqualTo(first);
  }

  @Test
  void fileWithoutMarkGoesByItsFirstLine() throws Exception {
    Path file = dir.resolve("out.ndjson");
    Files.writeString(file, "{\"a\":1}\n");
    String first = identity(file);
    Files.writeString(file, "{\"a\":1}\n{\"b\":1}\n");
    assertThat(identity(file)).isEqualTo(first);
    Files.writeString(file, "{\"a\":2}\n");
    assertThat(identity(file)).isNotEqualTo(first);
  }

  @Test
  void fileBelongsToOneSinkUntilThatIsClosed() throws Exception {
    Path file = dir.resolve("out.ndjson");
    try (NdjsonSink first = NdjsonSink.builder(file).build()) {
      assertThatExceptionOfType(SinkException.class)
          .isThrownBy(() -> NdjsonSink.builder(file).build())
          .returns(SinkException.Kind.BLOCKED, SinkException::kind)
          .withMessageContaining("out.ndjson");
      first.write(List.of(upsert("a.example")));
    }
    try (NdjsonSink second = NdjsonSink.builder(file).build()) {
      second.write(List.of(upsert("b.example")));
    }
    assertThat(file).content().hasLineCount(2);
  }

  @Test
  void brokenStreamIsASinkException() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (NdjsonSink sink = NdjsonSink.builder(broken).build()) {
      SinkException e =
          catchThrowableOfType(SinkException.class, () -> sink.write(List.of(upsert("a.example"))));
      assertThat(e.kind()).isEqualTo(SinkException.Kind.BLOCKED);
      assertThat(e).hasMessageContaining("Broken pipe");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDeviceIsASinkException() throws Exception {
    try (NdjsonSink sink = NdjsonSink.builder(Path.of("/dev/full")).build()) {
      assertThatExceptionOfType(SinkException.class)
          .isThrownBy(() -> sink.write(List.of(upsert("a.example"))))
          .returns(SinkException.Kind.BLOCKED, SinkException::kind)
          .withMessageContaining("/dev/full")
          .withMessageContaining("space")
          .withCauseInstanceOf(IOException.class);
    }
    try (OutputStream out = Files.newOutputStream(Path.of("/dev/full"));
        NdjsonSink sink = NdjsonSink.builder(out).build()) {
      assertThatExceptionOfType(SinkException.class)
          .isThrownBy(() -> sink.write(List.of(upsert("a.example"))))
          .returns(SinkException.Kind.BLOCKED, SinkException::kind);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void batchThatDoesNotFitOnTheDiskLeavesNothing() throws Exception {
    Path file = dir.resolve("out.ndjson");

    int acknowledged = Integer.parseInt(SmallDisk.run(64, FillDisk.class, file.toString()).strip());

    assertThat(acknowledged).isPositive();
    assertThat(acknowledged % FillDisk.BATCH).isZero();
    assertThat(lines(Files.readAllBytes(file)))
        .hasSize(acknowledged)
        .extracting(line -> line.get("threat.indicator.name"))
        .doesNotHaveDuplicates()
        .allMatch(name -> Integer.parseInt(((String) name).replaceAll("\\D", "")) < acknowledged);
  }

  /** Writes batches until the disk is full, tries another one, and prints what was acknowledged. */
  static final class FillDisk {
    static final int BATCH = 25;

    private FillDisk() {}

    public static void main(String[] args) throws Exception {
      int acknowledged = 0;
      try (NdjsonSink sink = NdjsonSink.builder(Path.of(args[0])).build()) {
        for (int failures = 0; failures < 2; ) {
          List<Change> batch = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            batch.add(upsert("bad" + (acknowledged + i) + ".example"));
          }
          try {
            sink.write(batch);
            acknowledged += BATCH;
          } catch (SinkException e) {
            failures++;
          }
        }
      }
      System.out.println(acknowledged);
    }
  }

  @Test
  void fileIsMadeAndClosedOnce() throws Exception {
    Path file = dir.resolve("out.ndjson");
    NdjsonSink sink = NdjsonSink.builder(file).build();

    assertThat(sink.write(List.of()).outcomes()).isEmpty();
    sink.close();
    sink.close();

    assertThat(file).isEmptyFile();
    assertThat(sink.info().appendOnly()).isTrue();
    assertThat(sink.info().redistributes()).isFalse();
    assertThatThrownBy(() -> sink.write(List.of(upsert("a.example"))))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everyStreamIsAnotherSink() throws Exception {
    assertThat(NdjsonSink.builder(OutputStream.nullOutputStream()).build().info().identity())
        .isNotEqualTo(
            NdjsonSink.builder(OutputStream.nullOutputStream()).build().info().identity());
  }

  @Test
  void folderIsNoFile() {
    assertThatThrownBy(() -> NdjsonSink.builder(dir).build()).isInstanceOf(IOException.class);
  }

  @Test
  void batchesOfSeveralThreadsStayInOnePiece() throws Exception {
    Path file = dir.resolve("out.ndjson");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      List<Future<WriteResult>> writes = new ArrayList<>();
      for (int b = 0; b < 20; b++) {
        String name = "b" + b + ".example";
        writes.add(threads.submit(() -> sink.write(Collections.nCopies(10, upsert(name)))));
      }
      for (Future<WriteResult> write : writes) {
        assertThat(write.get().count(WriteResult.Status.WRITTEN)).isEqualTo(10);
      }
    } finally {
      threads.shutdownNow();
    }
    List<Object> names =
        lines(Files.readAllBytes(file)).stream()
            .map(line -> Objects.requireNonNull(line.get("threat.indicator.name")))
            .toList();
    assertThat(names).hasSize(200);
    for (int i = 0; i < 200; i += 10) {
      assertThat(names.subList(i, i + 10)).containsOnly(names.get(i));
    }
  }

  @Test
  void givenStreamIsNotClosed() throws Exception {
    List<String> closes = new ArrayList<>();
    OutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closes.add("closed");
          }
        };
    NdjsonSink sink = NdjsonSink.builder(out).build();
    sink.close();
    sink.close();

    assertThat(closes).isEmpty();
    assertThatThrownBy(() -> sink.write(List.of())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void interruptEndsTheWriteBeforeTheFileIsTouched() throws Exception {
    Path file = dir.resolve("out.ndjson");
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> sink.write(List.of(upsert("a.example"))))
          .isInstanceOf(InterruptedException.class);
      assertThat(file).isEmptyFile();

      sink.write(List.of(upsert("a.example")));
    }
    assertThat(lines(Files.readAllBytes(file))).hasSize(1);
  }

  @Test
  void providerIsFoundAndMakesSinks() throws Exception {
    IndicatorSinkProvider provider =
        ServiceLoader.load(IndicatorSinkProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.name().equals("ndjson"))
            .findFirst()
            .orElseThrow();
    Path file = dir.resolve("out.ndjson");
    try (IndicatorSink sink =
        provider.create(Map.of("file", file.toString(), "redistributes", "true"))) {
      assertThat(sink.info().redistributes()).isTrue();
      assertThat(sink.write(List.of(upsert("a.example"))).outcomes())
          .containsExactly(WriteResult.Outcome.WRITTEN);
    }
    assertThat(file).isNotEmptyFile();
  }

  @Test
  void providerNamesTheSettingItDoesNotKnow() {
    NdjsonSinkProvider provider = new NdjsonSinkProvider();

    assertThatThrownBy(() -> provider.create(Map.of("fiel", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fiel")
        .hasMessageContaining("bulk-alias");
    assertThatThrownBy(() -> provider.create(Map.of("redistributes", "yes")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redistributes");
  }

  @Test
  void lookTellsTheIdentityAndLeavesTheFileAlone() throws Exception {
    Path absent = dir.resolve("absent/out.ndjson");
    Path file = dir.resolve("looked-at.ndjson");
    assertThat(NdjsonSink.builder(absent).look().identity())
        .isNotEqualTo(NdjsonSink.builder(absent).look().identity());
    assertThat(absent.getParent()).doesNotExist();
    String identity;
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      identity = sink.info().identity();
      Files.writeString(file, "{}\n{\"torn");
      // While it is open, and with a line that opening it would cut off.
      assertThat(NdjsonSink.builder(file).look().identity()).isEqualTo(identity);
    }
    assertThat(file).hasContent("{}\n{\"torn");
    try (NdjsonSink sink = NdjsonSink.builder(file).build()) {
      assertThat(sink.info()).isEqualTo(NdjsonSink.builder(file).look());
    }
  }
}
