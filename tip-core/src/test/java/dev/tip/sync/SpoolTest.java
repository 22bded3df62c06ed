// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  @TempDir Path folder;

  @Test
  void listThatFitsIntoTheBufferNeverTouchesTheDisk() throws Exception {
    try (Spool spool = new Spool(Samples.FEED, folder.resolve("absent"), 1 << 20)) {
      for (int i = 0; i < 1000; i++) {
        spool.add(Samples.url(i));
      }

      assertThat(count(spool.sorted())).isEqualTo(1000);
      assertThat(spool.isOnDisk()).isFalse();
    }
  }

  @Test
  void emptyListIsSorted() throws Exception {
    try (Spool spool = new Spool(Samples.FEED, folder, 1 << 20)) {
      assertThat(spool.sorted().next()).isFalse();
    }
  }

  @Test
  void moreRunsThanTheFanInAreMergedInPasses() throws Exception {
    try (Spool spool = new Spool(Samples.FEED, folder, 1 << 10)) {
      for (int i = 0; i < 40_000; i++) {
        spool.add(Samples.url(i * 7919 % 20_000));
      }
      Merge merge = spool.sorted();

      assertThat(count(merge)).isEqualTo(20_000);
      assertThat(spool.repeated() + merge.repeated()).isEqualTo(20_000);
      assertThat(spool.isOnDisk()).isTrue();
    }
  }

  @Test
  void recordLargerThanTheBufferIsSortedToo() throws Exception {
    Indicator large =
        Indicator.builder(CyberObservable.mutex("m"), Samples.FEED)
            .original("x".repeat(30_000))
            .build();
    try (Spool spool = new Spool(Samples.FEED, folder, 1 << 10)) {
      spool.add(Samples.url(1));
      spool.add(large);
      spool.add(Samples.url(2));
      spool.add(large);
      Merge merge = spool.sorted();

      assertThat(merge.next()).isTrue();
      assertThat(merge.next()).isTrue();
      assertThat(merge.next()).isTrue();
      assertThat(merge.indicator()).isEqualTo(large);
      assertThat(merge.next()).isFalse();
    }
  }

  @Test
  void nothingIsLeftBehindAfterAFailure() throws Exception {
    Spool spool = new Spool(Samples.FEED, folder, 1 << 10);
    for (int i = 0; i < 100; i++) {
      spool.add(Samples.url(i));
    }
    spool.close();
    spool.close();

    assertThat(folder).isEmptyDirectory();
    assertThatIllegalStateException().isThrownBy(() -> spool.add(Samples.url(1)));
  }

  @Test
  void folderThatIsAbsentIsAnIoException() throws Exception {
    try (Spool spool = new Spool(Samples.FEED, folder.resolve("absent"), 1 << 10)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  spool.add(Samples.url(i));
                }
              });
    }
  }

  @Test
  void flippedBitInARunIsNoticed() throws Exception {
    IndicatorCodec codec = new IndicatorCodec(Samples.FEED);
    SortBuffer buffer = new SortBuffer(1 << 16);
    for (int i = 0; i < 50; i++) {
      ByteWriter out = new ByteWriter(64);
      IndicatorCodec.encodeKey(Samples.url(i).observable(), out);
      int key = out.length();
      IndicatorCodec.encodeProperties(Samples.url(i), out);
      assertThat(buffer.add(out.data(), key, out.length())).isTrue();
    }
    for (int at : new int[] {0, 3, 4, 8, 11, 15, 16, 100, 1000}) {
      try (RunFile file = new RunFile(folder)) {
        RunFile.Run run = file.append(new Merge(codec, List.of(buffer.sorted())));
        file.flip(at);

        assertThatExceptionOfType(CorruptRecordException.class)
            .as("bit at byte %d", at)
            .isThrownBy(() -> count(new Merge(codec, List.of(run))));
      }
    }
  }

  @Test
  @Timeout(60)
  void sortOfEqualKeysAndLongBeginningsEnds() throws Exception {
    String beginning = "m".repeat(500);
    SortBuffer buffer = new SortBuffer(64 << 20);
    for (int i = 0; i < 60_000; i++) {
      ByteWriter out = new ByteWriter(64);
      IndicatorCodec.encodeKey(CyberObservable.mutex(beginning + i % 1000), out);
      assertThat(buffer.add(out.data(), out.length(), out.length())).isTrue();
    }
    Source sorted = buffer.sorted();
    byte[] last = new byte[0];
    while (sorted.advance()) {
      byte[] key = Arrays.copyOfRange(sorted.data(), sorted.keyStart(), sorted.keyEnd());
      assertThat(Arrays.compareUnsigned(last, key)).isNotPositive();
      last = key;
    }
  }

  private static int count(Merge merge) throws IOException {
    int n = 0;
    while (merge.next()) {
      merge.indicator();
      n++;
    }
    return n;
  }
}
