// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class EcsEncoderProperties {
  private static final DateTimeFormatter MILLIS =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.oneOf(anything(), almostAscii());
  }

  /** At most one character that JSON does not take as it is, anywhere in a text of any length. */
  private static Arbitrary<String> almostAscii() {
    Arbitrary<String> literal = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(40);
    Arbitrary<String> other =
        Arbitraries.of("", "?", "\"", "\\", "\0", "\u001f", "\u007f", "\u00e9", "\ud83d", "\ude00")
            .optional(0.8)
            .map(text -> text.orElse(""));
    return Combinators.combine(literal, other, literal).as((a, b, c) -> a + b + c);
  }

  private static Arbitrary<String> anything() {
    return Arbitraries.strings()
        .withChars('\n', '\r', '"', '\\', '\0', '\u001f', '\u007f', '\u2028', '{', '}', ',')
        .withChars('\ud83d', '\ude00', '\ud800', '\udfff', '\uffff', '\ufeff')
        .withCharRange('\u0000', '\uffff')
        .ofMaxLength(300);
  }

  @Property
  void whatGoesInComesOut(@ForAll("hostile") String text, @ForAll("hostile") String name)
      throws IOException {
    FeedInfo feed =
        EcsEncoderTest.feed(FeedInfo.Role.PHISHING)
            .name(name)
            .provider(name)
            .description(text)
            .build();
    Indicator indicator =
        Indicator.builder(CyberObservable.domainName("bad.example"), feed)
            .description(text)
            .software(text)
            .provider(text)
            .tag(text)
            .reference(text)
            .original(text)
            .build();
    Change change = new Change.Upsert(indicator, 1, Change.Cause.NEW, Instant.EPOCH, Instant.EPOCH);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    try (EcsWriter documents = EcsEncoder.create().writer(out)) {
      documents.write(change);
    }

    byte[] line = out.toByteArray();
    assertThat(line).endsWith((byte) '\n');
    byte[] bytes = Arrays.copyOf(line, line.length - 1);
    assertThat(bytes).doesNotContain((byte) '\n', (byte) '\r', (byte) 0);
    Map<String, Object> document = JsonText.flat(bytes);
    assertThat(document)
        .containsEntry("threat.feed.name", utf8(name))
        .containsEntry("event.provider", utf8(name))
        .containsEntry("threat.feed.description", utf8(text));
    assertThat(document.get("event.original"))
        .isEqualTo(indicator.original().map(EcsEncoderProperties::utf8).orElse(null));
    assertThat(document.get("threat.indicator.description"))
        .isEqualTo(indicator.description().map(EcsEncoderProperties::utf8).orElse(null));
    assertThat(document.get("threat.software.name"))
        .isEqualTo(indicator.software().map(EcsEncoderProperties::utf8).orElse(null));
    assertThat(document.get("tags"))
        .isEqualTo(
            indicator.tags().isEmpty()
                ? null
                : indicator.tags().stream().map(EcsEncoderProperties::utf8).toList());
  }

  /** What documents share is kept from one to the next: not beyond what they share. */
  @Property(tries = 200)
  void oneWriterWritesWhatAWriterEachWrites(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    List<FeedInfo> feeds =
        List.of(
            EcsEncoderTest.feed(FeedInfo.Role.C2).build(),
            EcsEncoderTest.feed(FeedInfo.Role.C2).name("Renamed").build(),
            EcsEncoderTest.feed(FeedInfo.Role.SCANNER).build());
    EcsEncoder encoder = EcsEncoder.create();
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    ByteArrayOutputStream apart = new ByteArrayOutputStream();
    try (EcsWriter documents = encoder.writer(together)) {
      for (int i = 0; i < 12; i++) {
        Indicator.Builder indicator =
            Indicator.builder(
                CyberObservable.ip("192.0.2." + random.nextInt(4)), feeds.get(random.nextInt(3)));
        if (random.nextInt(4) == 0) {
          indicator.original("as it was");
        }
        Instant at = Instant.ofEpochSecond(random.nextInt(2));
        Instant added = random.nextBoolean() ? at : Instant.EPOCH;
        Change change =
            random.nextInt(5) == 0
                ? new Change.Withdraw(indicator.build(), 1, Change.Reason.EXPIRED, at)
                : new Change.Upsert(indicator.build(), 1, Change.Cause.NEW, added, at);
        documents.writeBulk(change, null);
        try (EcsWriter alone = encoder.writer(apart)) {
          alone.writeBulk(change, null);
        }
      }
    }

    assertThat(together.toString(StandardCharsets.UTF_8))
        .isEqualTo(apart.toString(StandardCharsets.UTF_8));
  }

  /** The text with U+FFFD for what has no bytes in UTF-8. */
  private static String utf8(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  @Property
  void instantIsWhatTheFormatterWrites(
      @ForAll @LongRange(min = -62_167_219_200_000L, max = 253_402_300_799_999L) long millis) {
    byte[] out = new byte[EcsInstant.LENGTH];
    Instant at = Instant.ofEpochMilli(millis);

    assertThat(EcsInstant.write(at, out)).isTrue();
    assertThat(new String(out, StandardCharsets.US_ASCII)).isEqualTo(MILLIS.format(at));
  }

  @Property
  void instantOutsideFourDigitYearsIsLeftToOthers(@ForAll long seconds) {
    Instant at =
        Instant.ofEpochSecond(
            Math.floorMod(seconds, Instant.MAX.getEpochSecond() - 253_402_300_800L)
                + 253_402_300_800L);

    assertThat(EcsInstant.write(at, new byte[EcsInstant.LENGTH])).isFalse();
  }
}
