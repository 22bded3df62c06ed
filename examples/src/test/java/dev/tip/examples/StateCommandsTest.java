// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.FeedState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code tip status} and {@code tip show} on what {@code tip sync} left. */
class StateCommandsTest {
  private final StringWriter err = new StringWriter();
  private StringWriter out = new StringWriter();

  @TempDir Path folder;

  private int tip(String... args) {
    out = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private String state() {
    return folder.resolve("state").toString();
  }

  private void sync(String addresses) throws IOException {
    Files.writeString(folder.resolve("addresses"), addresses);
    String network = "{\"cidr\":\"198.51.0.0/16\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}\n";
    Files.writeString(
        folder.resolve("networks"),
        network
            + "{\"type\":\"metadata\",\"timestamp\":"
            + Instant.now().getEpochSecond()
            + ",\"size\":"
            + network.length()
            + ",\"records\":1,\"copyright\":\"invented\",\"terms\":\"https://feed.example/\"}\n");
    Files.writeString(
        folder.resolve("mirror.tsv"),
        "https://www.botvrij.eu/data/ioclist.ip-dst.raw\taddresses\n"
            + "https://www.spamhaus.org/drop/drop_v4.json\tnetworks\n");
    assertThat(
            tip(
                "sync",
                "--ndjson",
                folder.resolve("documents.ndjson").toString(),
                "--mirror",
                folder.toString(),
                "--state",
                state()))
        .as(out + "\n" + err)
        .isEqualTo(Tip.OK);
  }

  @Test
  void statusShowsFeedsAndSinksAndThatAllIsWell() throws IOException {
    sync("198.51.100.7\n198.51.100.8\n");

    assertThat(tip("status", "--state", state())).isEqualTo(Tip.OK);

    assertThat(out.toString())
        .contains("botvrij-ip-dst", "spamhaus-drop-v4", " 2 ", " well\n", " is ndjson:");
    assertThat(tip("status", "--state", state(), "--json")).isEqualTo(Tip.OK);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.path("healthy").asBoolean()).isTrue();
    assertThat(json.path("feeds").path(0).path("feed").asText()).isEqualTo("botvrij-ip-dst");
    assertThat(json.path("feeds").path(0).path("indicators").asInt()).isEqualTo(2);
    assertThat(json.path("feeds").path(0).path("attention")).isEmpty();
  }

  @Test
  void statusOfADamagedLedgerEndsWithOneAndSaysSo() throws IOException {
    sync("198.51.100.7\n");
    damage("botvrij");

    assertThat(tip("status", "--state", state())).isEqualTo(Tip.SOME_FAILED);

    assertThat(out.toString()).contains("cannot be read", " well\n");
    assertThat(tip("status", "--state", state(), "--json")).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString()).contains("\"healthy\":false", "UNREADABLE");
  }

  private void damage(String feed) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(state()))) {
      Path ledger =
          files
              .filter(f -> f.getFileName().toString().startsWith(feed))
              .filter(f -> f.toString().endsWith(".ledger"))
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(ledger);
      bytes[bytes.length - 25] ^= 1;
      Files.write(ledger, bytes);
    }
  }

  @Test
  void feedThatGaveNoListForLongNeedsAttention() throws IOException {
    sync("198.51.100.7\n");
    FeedState feed = SyncState.of(Path.of(state())).feeds().get(0);
    Instant later = Instant.now().plus(Duration.ofDays(3));
    Instant muchLater = Instant.now().plus(Duration.ofDays(21));
    FeedInfo info = Feeds.installed(FeedSettings.defaults()).get(feed.feedId()).info();

    assertThat(StatusCommand.concerns(feed, info, Instant.now())).isEmpty();
    assertThat(StatusCommand.concerns(feed, info, later))
        .singleElement()
        .asString()
        .contains("no list for over two days", "--forget " + feed.sink() + '/' + feed.feedId());
    assertThat(StatusCommand.concerns(feed, null, later)).hasSize(1);
    assertThat(StatusCommand.concerns(feed, info, muchLater))
        .anyMatch(concern -> concern.contains("overdue"));

    FeedInfo rare = info.toBuilder().minInterval(Duration.ofDays(4)).build();
    assertThat(StatusCommand.concerns(feed, rare, later)).isEmpty();
    assertThat(StatusCommand.concerns(feed, rare, Instant.now().plus(Duration.ofDays(9))))
        .singleElement()
        .asString()
        .contains("no list for over 192 hours");

    FeedInfo retired = info.toBuilder().status(FeedInfo.Status.RETIRED, null, "").build();
    assertThat(StatusCommand.concerns(feed, retired, muchLater)).isEmpty();
  }

  @Test
  void statusOfASinkThatMayHoldSomethingElseNeedsAttention() throws IOException {
    sync("198.51.100.7\n");
    Path settled;
    try (Stream<Path> files = Files.list(Path.of(state()))) {
      settled =
          files
              .filter(f -> f.getFileName().toString().matches("botvrij.*[.]settled"))
              .findFirst()
              .orElseThrow();
    }
    Files.writeString(settled, Files.readString(settled).replace("complete=yes", ""));

    assertThat(tip("status", "--state", state())).isEqualTo(Tip.SOME_FAILED);

    assertThat(out.toString()).contains("may hold something else than is remembered");
  }

  @Test
  void overridesHoldForStatusAndShow() throws IOException {
    sync("198.51.100.7\n");
    Path overrides = folder.resolve("overrides.json");
    Files.writeString(
        overrides, "{\"botvrij-ip-dst\": {\"interval\": \"P9D\", \"timeToLive\": \"P1234D\"}}");
    String ends = Instant.now().plus(Duration.ofDays(1234)).toString().substring(0, 10);

    assertThat(tip("show", "198.51.100.7", "--state", state())).isEqualTo(Tip.OK);
    assertThat(out.toString()).doesNotContain(ends);
    assertThat(tip("show", "198.51.100.7", "--state", state(), "--overrides", overrides.toString()))
        .isEqualTo(Tip.OK);
    assertThat(out.toString()).contains(ends);
    assertThat(tip("status", "--state", state(), "--overrides", overrides.toString()))
        .isEqualTo(Tip.OK);
    assertThat(tip("status", "--state", state(), "--overrides", state() + "/absent"))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--overrides: ", "is not there");
  }

  @Test
  void showSaysWhoListsAValueInAnyFormAndWhy() throws IOException {
    sync("198.51.100.7\n203.0.113.9\n");

    for (String pasted : new String[] {"198.51.100.7", " 198[.]51[.]100[.]7:443 "}) {
      assertThat(tip("show", pasted, "--state", state())).isEqualTo(Tip.OK);
      assertThat(out.toString())
          .contains(
              "botvrij-ip-dst",
              "ipv4-addr 198.51.100.7",
              "stored",
              "listed, new",
              "spamhaus-drop-v4",
              "ipv4-addr 198.51.0.0/16",
              "network that contains it");
    }
    assertThat(tip("show", "203.0.113.9", "--state", state())).isEqualTo(Tip.OK);
    assertThat(out.toString()).doesNotContain("spamhaus");
    assertThat(tip("show", "203.0.113.10", "--state", state())).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString()).contains("203.0.113.10: not listed");
  }

  @Test
  void showOfWhatWasWithdrawnSaysNotListedAndWhy() throws IOException {
    sync("198.51.100.7\n203.0.113.9\n");
    sync("198.51.100.7\n");

    assertThat(tip("show", "203.0.113.9", "--state", state())).isEqualTo(Tip.SOME_FAILED);

    assertThat(out.toString()).contains("withdrawn", "delisted", "not listed");
  }

  @Test
  void showNamesLedgersThatCannotBeReadAndDoesNotDriveTheTerminal() throws IOException {
    sync("198.51.100.7\n");
    damage("botvrij");

    assertThat(tip("show", "bad\u001b[31m.example", "--state", state())).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("\\u001B").doesNotContain("\u001b");
    assertThat(tip("show", "worst.example", "--state", state())).isEqualTo(Tip.SOME_FAILED);
    assertThat(err.toString()).contains("botvrij-ip-dst in sink", "cannot be read");
  }

  @Test
  void folderThatIsNotThereIsAUsageError() {
    assertThat(tip("status", "--state", state())).isEqualTo(Tip.USAGE);
    assertThat(tip("show", "198.51.100.7", "--state", state())).isEqualTo(Tip.USAGE);
    assertThat(tip("show", "198.51.100.7")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--state");
  }

  @Test
  void sinkIsForgottenOnRequest() throws IOException {
    sync("198.51.100.7\n");
    String sink = SyncState.of(Path.of(state())).feeds().get(0).sink();

    assertThat(tip("status", "--state", state(), "--forget", "x")).isEqualTo(Tip.USAGE);
    assertThat(tip("status", "--state", state(), "--forget", sink)).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("forgotten: " + sink + " with 2 feeds");
    assertThat(tip("status", "--state", state())).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("nothing is remembered");
  }

  @Test
  void feedOfASinkIsForgottenOnRequest() throws IOException {
    sync("198.51.100.7\n");
    String sink = SyncState.of(Path.of(state())).feeds().get(0).sink();

    assertThat(tip("status", "--state", state(), "--forget", sink + "/typo")).isEqualTo(Tip.USAGE);
    assertThat(tip("status", "--state", state(), "--forget", sink + "/botvrij-ip-dst"))
        .isEqualTo(Tip.OK);

    assertThat(out.toString()).contains("forgotten: " + sink + "/botvrij-ip-dst");
    assertThat(SyncState.of(Path.of(state())).feeds())
        .extracting(FeedState::feedId)
        .containsExactly("spamhaus-drop-v4");
  }
}
