// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SyncCommandTest {
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(new StringWriter()));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  @Test
  void syncWithoutTargetIsAUsageError() {
    assertThat(tip("sync")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--ndjson");
  }

  @Test
  void twoTargetsAreAUsageError() {
    assertThat(tip("sync", "--dry-run", "--ndjson", "-")).isEqualTo(Tip.USAGE);
  }

  @Test
  void commandsOfAServerWantOneAndSayWhatIsWrongWithTheOptions() {
    assertThat(tip("install")).isEqualTo(Tip.USAGE);
    assertThat(tip("purge")).isEqualTo(Tip.USAGE);
    assertThat(tip("verify", "--state", folder.toString())).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("say which server: --elasticsearch URL");
    String[] server = {"--elasticsearch", "http://127.0.0.1:1"};
    assertThat(tip("purge", server[0], server[1], "--older-than", "ninety")).isEqualTo(Tip.USAGE);
    assertThat(tip("purge", server[0], server[1], "--older-than", "7d")).isEqualTo(Tip.USAGE);
    assertThat(tip("install", server[0], server[1], "--index-base", "UPPER")).isEqualTo(Tip.USAGE);
    assertThat(tip("purge", server[0], server[1])).isEqualTo(Tip.NOTHING_STORED);
    assertThat(tip("verify", server[0], server[1], "--state", folder.toString()))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("30 days at least").doesNotContain("\tat ");
  }

  @Test
  void twoPlacesAreAUsageError() {
    assertThat(tip("sync", "--elasticsearch", "http://127.0.0.1:1", "--ndjson", "-"))
        .isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--elasticsearch", "http://127.0.0.1:1", "--embedded"))
        .isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--embedded", "--ndjson", "-")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("one of them");
  }

  @Test
  void missingMirrorIsExplainedWithoutStackTrace() {
    assertThat(tip("sync", "--dry-run", "--mirror", folder.toString())).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--mirror: ", "mirror.tsv").doesNotContain("\tat ");
  }

  @Test
  void optionsThatDoNotGoTogetherAreUsageErrors() {
    assertThat(tip("sync", "--dry-run", "--keep")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--dry-run", "--install")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--embedded", "--api-key-env", "KEY")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--embedded", "--index-base", "other")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--elasticsearch", "http://127.0.0.1:1", "--replace-legacy"))
        .isEqualTo(Tip.USAGE);
  }

  @Test
  void serverThatIsNotThereIsExplained() {
    assertThat(tip("sync", "--elasticsearch", "http://127.0.0.1:1", "--feeds", "spamhaus-*"))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("cannot be reached").doesNotContain("\tat ");
  }

  @Test
  void serverThatIsNotThereIsExplainedToWhoSetsItUpToo() {
    assertThat(
            tip(
                "sync",
                "--elasticsearch",
                "http://127.0.0.1:1",
                "--install",
                "--feeds",
                "spamhaus-*"))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("cannot be reached").doesNotContain("\tat ");
  }

  @Test
  void missingServerZipIsAUsageErrorThatSaysWhatToDo() {
    assertThat(tip("sync", "--embedded", "--feeds", "spamhaus-*")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("./tip");
  }

  @Test
  void keyThatIsNotSetAndAddressWithPasswordAreUsageErrorsThatRepeatNoSecret() {
    assertThat(tip("sync", "--elasticsearch", "https://es.example", "--api-key-env", "NOT_SET_1"))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("NOT_SET_1");
    assertThat(tip("sync", "--elasticsearch", "https://me:s3cret@es.example")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("without user").doesNotContain("s3cret");
  }

  @Test
  void syncThatGoesWellEndsWithZeroAndWritesDocumentsAndReport() throws IOException {
    Path documents = folder.resolve("documents.ndjson");
    Path report = folder.resolve("report.json");
    int code =
        tip(
            "sync",
            "--ndjson",
            documents.toString(),
            "--mirror",
            mirror("198.51.100.7\n198.51.100.8\n").toString(),
            "--report",
            report.toString());
    assertThat(code).isEqualTo(Tip.OK);
    assertThat(Files.readAllLines(documents)).hasSize(2);
    assertThat(Files.readString(report)).contains("\"outcome\":\"PUBLISHED\"");
    assertThat(err.toString()).contains("botvrij-ip-dst: PUBLISHED, 2 records");
  }

  @Test
  void reportThatCannotBeWrittenIsSaidBeforeAnythingIsStored() throws IOException {
    Path documents = folder.resolve("documents.ndjson");
    Path report = folder.resolve("absent/report.json");
    int code =
        tip(
            "sync",
            "--ndjson",
            documents.toString(),
            "--mirror",
            mirror("198.51.100.7\n").toString(),
            "--report",
            report.toString());
    assertThat(code).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--report: " + report + " is not there");
    assertThat(documents).doesNotExist();
  }

  @Test
  void feedThatBreaksItsContractEndsWithOne() throws IOException {
    Path web = mirror("<!DOCTYPE html><html><body>Sorry</body></html>\n");
    assertThat(tip("sync", "--dry-run", "--mirror", web.toString())).isEqualTo(Tip.SOME_FAILED);
    assertThat(err.toString()).contains("CONTRACT_BROKEN(html)");
  }

  @Test
  void unknownFeedAndUnknownUseAreUsageErrors() throws IOException {
    assertThat(tip("sync", "--dry-run", "--feeds", "no-such-feed")).isEqualTo(Tip.USAGE);
    String mirror = mirror("198.51.100.7\n").toString();
    assertThat(tip("sync", "--dry-run", "--mirror", mirror, "--usage", "fun")).isEqualTo(Tip.USAGE);
  }

  @Test
  void feedThatForbidsTheUseIsAFailureOnlyIfItWasAskedFor() throws IOException {
    Files.writeString(folder.resolve("list"), "");
    Files.writeString(
        folder.resolve("mirror.tsv"), "https://sslbl.abuse.ch/blacklist/sslblacklist.csv\tlist\n");
    String[] all = {"sync", "--dry-run", "--usage", "commercial", "--mirror", folder.toString()};
    assertThat(tip(all)).isEqualTo(Tip.OK);
    assertThat(err.toString()).contains("TERMS_NOT_ACCEPTED");
    String[] named = Arrays.copyOf(all, all.length + 2);
    named[all.length] = "--feeds";
    named[all.length + 1] = "abusech-sslbl";
    assertThat(tip(named)).isEqualTo(Tip.SOME_FAILED);
  }

  @Test
  void overridesThatCannotBeUsedAreUsageErrorsThatSayWhere() throws IOException {
    Path file = folder.resolve("overrides.json");
    String[] sync = {"sync", "--dry-run", "--overrides", file.toString()};
    assertThat(tip(sync)).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--overrides: " + file + " is not there");
    Files.writeString(file, "{\n\"botvrij-ip-dst\": {\"interval\": \"daily\"}}");
    assertThat(tip(sync)).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("line 2, column");
    Files.writeString(file, "{\"botvrij\": {}}");
    assertThat(tip(sync)).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("no feed is called botvrij,");
  }

  @Test
  void overridesHold() throws IOException {
    Path mirror = mirror("198.51.100.7\n");
    Files.writeString(folder.resolve("mirror.tsv"), "https://mirror.example/ip-dst\tlist\n");
    Path file = folder.resolve("overrides.json");
    Files.writeString(file, "{\"botvrij-ip-dst\": {\"url\": \"https://mirror.example/ip-dst\"}}");

    int code =
        tip("sync", "--dry-run", "--mirror", mirror.toString(), "--overrides", file.toString());

    assertThat(code).isEqualTo(Tip.OK);
    assertThat(err.toString()).contains("botvrij-ip-dst: PUBLISHED, 1 records");
  }

  @Test
  void runsAgainUntilItIsEndedAndKeepsTheHealthFile() throws Exception {
    Path documents = folder.resolve("documents.ndjson");
    Path health = folder.resolve("health.json");
    String[] sync = {
      "sync",
      "--ndjson",
      documents.toString(),
      "--mirror",
      mirror("198.51.100.7\n").toString(),
      "--every",
      "1s",
      "--health",
      health.toString()
    };
    Thread command = new Thread(() -> tip(sync));
    command.start();
    try {
      for (int i = 0; i < 600 && command.isAlive(); i++) {
        command.join(50);
        if (Files.exists(documents) && Files.readAllLines(documents).size() >= 2) {
          break;
        }
      }
    } finally {
      command.interrupt();
      command.join();
    }
    assertThat(Files.readAllLines(documents)).hasSizeGreaterThanOrEqualTo(2);
    assertThat(health)
        .content()
        .contains("\"healthy\" : true", "lastSuccess", "botvrij-ip-dst", "unhealthy=0 written=1");
  }

  @Test
  void healthFileKeepsWhenAFeedWasLastWell() throws IOException {
    Path health = folder.resolve("health.json");
    Path mirror = mirror("198.51.100.7\n");
    String[] sync = {
      "sync", "--dry-run", "--mirror", mirror.toString(), "--health", health.toString()
    };
    assertThat(tip(sync)).isEqualTo(Tip.OK);
    String well = Files.readString(health);
    Files.writeString(folder.resolve("list"), "<html>down</html>");
    assertThat(tip(sync)).isEqualTo(Tip.SOME_FAILED);
    String success = well.replaceAll("(?s).*\"lastSuccess\" : \"([^\"]+)\".*", "$1");
    assertThat(health)
        .content()
        .contains("\"healthy\" : false", "CONTRACT_BROKEN", success, "message");
  }

  @Test
  void timeBetweenRunsNeedsAUnit() {
    assertThat(tip("sync", "--dry-run", "--every", "10")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--embedded", "--every", "10m")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--dry-run", "--accept", "x")).isEqualTo(Tip.USAGE);
  }

  @Test
  void quarantineShowsWhatCouldNotBeUsedWithoutDrivingTheTerminal() throws IOException {
    Path state = folder.resolve("state");
    String list = "198.51.100.7\n".repeat(20) + "no \u001b[31m address\n";
    assertThat(
            tip(
                "sync",
                "--ndjson",
                folder.resolve("documents.ndjson").toString(),
                "--mirror",
                mirror(list).toString(),
                "--state",
                state.toString()))
        .isEqualTo(Tip.OK);
    StringWriter out = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));

    assertThat(line.execute("quarantine", "--state", state.toString())).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("tries again");

    assertThat(out.toString())
        .contains("botvrij-ip-dst", "record 21", "\\u001B[31m address")
        .doesNotContain("\u001b");
    assertThat(tip("quarantine", "--state", folder.resolve("absent").toString()))
        .isEqualTo(Tip.USAGE);
  }

  @Test
  void quarantineIsKeptToTheFeedsThatAreNamed() throws IOException {
    Path state = folder.resolve("state");
    Path quarantine = Files.createDirectories(state.resolve("quarantine"));
    String letter = "{\"time\":\"2026-01-01T00:00:00Z\",\"reason\":\"bad\",";
    String record = letter + "\"position\":7,\"text\":\"x\"}\n";
    String sink = "-0123456789abcdef";
    Files.writeString(quarantine.resolve("botvrij-domain.records.ndjson"), record);
    Files.writeString(quarantine.resolve("taken-out.records.ndjson"), record);
    Files.writeString(
        quarantine.resolve("botvrij-url" + sink + ".changes.ndjson"),
        letter + "\"outcome\":\"REFUSED\",\"id\":\"an-id\"}\n");
    Files.writeString(quarantine.resolve("botvrij-url.records.ndjson.part"), "{");

    assertThat(quarantine(state, "botvrij-*"))
        .contains("botvrij-domain", "botvrij-url ", sink.substring(1), "an-id")
        .doesNotContain("taken-out");
    assertThat(quarantine(state, "taken-out")).contains("taken-out").doesNotContain("botvrij");
    assertThat(quarantine(state, "eset-malware-ioc")).contains("nothing");
    assertThat(tip("quarantine", "--state", state.toString(), "--feeds", "typo"))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("no feed is called typo");
  }

  private static String quarantine(Path state, String feeds) {
    StringWriter out = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    assertThat(line.execute("quarantine", "--state", state.toString(), "--feeds", feeds))
        .isEqualTo(Tip.OK);
    return out.toString();
  }

  @Test
  void quarantineLeavesOutAFileThatIsGoneWhenItIsRead() throws IOException {
    Path state = folder.resolve("state");
    Path quarantine = Files.createDirectories(state.resolve("quarantine"));
    Files.createSymbolicLink(
        quarantine.resolve("botvrij-url.records.ndjson"), quarantine.resolve("gone"));

    assertThat(quarantine(state, "botvrij-url")).contains("nothing");
  }

  @Test
  void dryRunSaysWhatWouldBeDoneAndChangesNoFile() throws IOException {
    Path state = folder.resolve("state");
    Path documents = folder.resolve("documents.ndjson");
    String[] sync = {
      "sync",
      "--ndjson",
      documents.toString(),
      "--mirror",
      mirror("198.51.100.7\n198.51.100.8\n").toString(),
      "--state",
      state.toString()
    };
    assertThat(tip(sync)).isEqualTo(Tip.OK);
    mirror("198.51.100.8\n198.51.100.9\n198.51.100.10\n");
    Path report = folder.resolve("report.json");
    Map<String, String> before = contents(state, documents);
    String[] dry = Arrays.copyOf(sync, sync.length + 3);
    dry[sync.length] = "--dry-run";
    dry[sync.length + 1] = "--report";
    dry[sync.length + 2] = report.toString();

    assertThat(tip(dry)).isEqualTo(Tip.OK);
    assertThat(report)
        .content()
        .contains("\"dryRun\":true", "\"added\":2", "\"unchanged\":1", "\"withdrawn\":1");
    Files.delete(report);
    // The only sink that is remembered need not be named.
    dry[1] = "--usage";
    dry[2] = "non-commercial";
    assertThat(tip(dry)).isEqualTo(Tip.OK);
    assertThat(report).content().contains("\"added\":2", "\"withdrawn\":1");

    assertThat(contents(state, documents)).isEqualTo(before);
  }

  @Test
  void dryRunOfSeveralSinksAsksWhichAndMakesNoFile() throws IOException {
    Path state = folder.resolve("state");
    String mirror = mirror("198.51.100.7\n").toString();
    for (String file : List.of("a", "b")) {
      String documents = folder.resolve(file).toString();
      assertThat(
              tip("sync", "--ndjson", documents, "--mirror", mirror, "--state", state.toString()))
          .isEqualTo(Tip.OK);
    }
    String[] dry = {"sync", "--dry-run", "--mirror", mirror, "--state", state.toString()};
    assertThat(tip(dry)).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("which sink", "remembers 2");
    String[] named = Arrays.copyOf(dry, dry.length + 2);
    named[dry.length] = "--ndjson";
    named[dry.length + 1] = folder.resolve("absent").toString();
    assertThat(tip(named)).isEqualTo(Tip.OK);
    assertThat(folder.resolve("absent")).doesNotExist();
    assertThat(tip("sync", "--dry-run", "--embedded")).isEqualTo(Tip.USAGE);
  }

  @Test
  void termsAreShownWhenAFeedIsStoredFirstAndNotAgain() throws IOException {
    String[] sync = {
      "sync",
      "--ndjson",
      folder.resolve("documents.ndjson").toString(),
      "--mirror",
      mirror("198.51.100.7\n").toString(),
      "--state",
      folder.resolve("state").toString()
    };
    StringWriter first = new StringWriter();
    StringWriter second = new StringWriter();

    assertThat(Tip.commandLine().setOut(new PrintWriter(first)).execute(sync)).isEqualTo(Tip.OK);
    assertThat(Tip.commandLine().setOut(new PrintWriter(second)).execute(sync)).isEqualTo(Tip.OK);

    assertThat(first.toString()).contains("terms of botvrij-ip-dst: ", "https://www.botvrij.eu");
    assertThat(second.toString()).contains("botvrij-ip-dst").doesNotContain("terms of");
  }

  private static Map<String, String> contents(Path... paths) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (Path path : paths) {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.toList()) {
          String bytes = Files.isRegularFile(file) ? Arrays.toString(Files.readAllBytes(file)) : "";
          contents.put(file.toString(), Files.getLastModifiedTime(file) + bytes);
        }
      }
    }
    return contents;
  }

  private Path mirror(String list) throws IOException {
    Files.writeString(folder.resolve("list"), list);
    Files.writeString(
        folder.resolve("mirror.tsv"), "https://www.botvrij.eu/data/ioclist.ip-dst.raw\tlist\n");
    return folder;
  }
}
