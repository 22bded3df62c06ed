// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tip.Confidence;
import dev.tip.CyberObservable.Type;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescribedFeedsTest {
  private static final String GOOD =
      """
      {
        "id": "example-c2",
        "description": "Servers of an example",
        "provider": "Example",
        "reference": "https://feed.example/about",
        "terms": {"summary": "CC0", "reference": "https://feed.example/terms", "commercialUse": true},
        "role": "c2",
        "confidence": "High",
        "coverage": "snapshot",
        "url": "https://feed.example/c2.txt",
        "format": {"type": "lines"},
        "indicator": {"kind": "ip", "value": "value"}
      }
      """;

  @TempDir private Path temp;

  private static List<Feed> feeds(String json) throws IOException {
    return read(json).feeds(FeedSettings.defaults());
  }

  private static DescribedFeeds read(String json) throws IOException {
    return DescribedFeeds.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
  }

  /** Returns what is wrong, a line each. */
  private static String problems(String json) {
    FeedDescriptionException e =
        catchThrowableOfType(FeedDescriptionException.class, () -> read(json));
    assertThat(e).as("it was read").isNotNull();
    return e.problems().stream().map(Object::toString).collect(Collectors.joining("\n"));
  }

  private static String with(String from, String to) {
    assertThat(GOOD).contains(from);
    return GOOD.replace(from, to);
  }

  @Test
  void shortDescriptionIsAFeedWithDefaults() throws IOException {
    FeedInfo info = feeds(GOOD).get(0).info();

    assertThat(info.id()).isEqualTo("example-c2");
    assertThat(info.name()).isEqualTo("example-c2");
    assertThat(info.types()).containsExactly(Type.IPV4_ADDR, Type.IPV6_ADDR);
    assertThat(info.minInterval()).isEqualTo(Duration.ofHours(1));
    assertThat(info.timeToLive()).isEmpty();
    assertThat(info.terms().commercialUse()).isTrue();
    assertThat(info.terms().redistribution()).isFalse();
    assertThat(info.auth()).isEqualTo(FeedInfo.Auth.NONE);
  }

  @Test
  void fileMayHoldSeveralFeeds() throws IOException {
    assertThat(feeds("[" + GOOD + "," + GOOD.replace("example-c2", "example-2") + "]"))
        .extracting(feed -> feed.info().id())
        .containsExactly("example-c2", "example-2");
    assertThat(problems("[" + GOOD + "," + GOOD + "]"))
        .isEqualTo("line 15, column 9: the feed in line 1 is called example-c2 already");
    assertThat(problems("[]")).isEqualTo("line 1, column 1: there is no feed in the array");
    assertThat(problems("[1]")).isEqualTo("line 1, column 2: a feed is an object, not a number");
  }

  @Test
  void folderIsReadFileByFile() throws IOException {
    Files.writeString(temp.resolve("b.json"), GOOD.replace("example-c2", "example-b"));
    Files.writeString(temp.resolve("a.json"), GOOD.replace("example-c2", "example-a"));
    Files.writeString(temp.resolve("readme.txt"), "no feed");

    assertThat(DescribedFeeds.read(temp).feeds(FeedSettings.defaults()))
        .extracting(feed -> feed.info().id())
        .containsExactly("example-a", "example-b");

    Files.writeString(temp.resolve("c.json"), GOOD.replace("example-c2", "example-b"));
    Files.writeString(temp.resolve("d.json"), "{");
    assertThatThrownBy(() -> DescribedFeeds.read(temp))
        .isInstanceOf(FeedDescriptionException.class)
        .hasMessageContaining(temp.resolve("c.json") + ", line 1, column 1: a feed in")
        .hasMessageContaining(temp.resolve("d.json") + ", line 1, column");
  }

  @Test
  void emptyFolderIsAnError() {
    assertThatThrownBy(() -> DescribedFeeds.read(temp)).isInstanceOf(IOException.class);
  }

  @Test
  void describedFeedsAreThereBesideTheInstalledOnesAndCanBeOverridden() throws IOException {
    URI mirror = URI.create("https://mirror.example/c2.txt");
    FeedSettings settings =
        FeedSettings.builder()
            .provider(read(GOOD))
            .override("example-c2", new FeedSettings.Override(mirror, null, null, Confidence.LOW))
            .build();

    assertThat(Feeds.installed(settings)).containsKeys("example-c2", "spamhaus-drop-v4");
    assertThat(Feeds.installed(settings).get("example-c2"))
        .hasToString("example-c2 at https://mirror.example/c2.txt");
  }

  @Test
  void idOfABuiltInFeedIsTaken() throws IOException {
    FeedSettings settings =
        FeedSettings.builder()
            .provider(read(GOOD.replace("example-c2", "spamhaus-drop-v4")))
            .build();

    assertThatThrownBy(() -> Feeds.installed(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a feed is called spamhaus-drop-v4 already; give yours an id of its own");
  }

  @Test
  void builtInFeedIsAModelForOthers() throws IOException {
    String json = DescribedFeeds.ofBuiltIn("spamhaus-drop-v4").orElseThrow();

    assertThat(feeds(json)).hasSize(1);
    assertThat(DescribedFeeds.ofBuiltIn("eset-malware-ioc")).isEmpty();
    assertThat(DescribedFeeds.ofBuiltIn("example-c2")).isEmpty();
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnceInTheOrderOfTheFile() {
    String bad =
        GOOD.replace("\"role\": \"c2\"", "\"rule\": \"c2\"")
            .replace("\"High\"", "\"high\"")
            .replace("\"kind\": \"ip\"", "\"kind\": \"ipv4\"")
            .replace("\"provider\": \"Example\",", "");

    assertThat(problems(bad))
        .isEqualTo(
            """
            line 1, column 1: "provider" is missing: who publishes the list
            line 1, column 1: "role" is missing: what being listed means
            line 7, column 3: "rule" means nothing here; did you mean "role"?; there are $schema, id, \
            name, description, provider, reference, terms, role, confidence, confidenceReason, tlp, \
            coverage, timeToLive, interval, format, indicator, types, key, status, statusSince, \
            statusNote, plainHttp, headers, post, members, contract, url
            line 8, column 17: "confidence" is one of "Low", "Medium", "High"; did you mean "High"?
            line 12, column 25: "kind" is one of "ip", "ip-port", "host", "host-port", "domain", \
            "url", "hash", "md5", "sha1", "sha256", "sha512", "imphash", "file-name", "email", "as", \
            "certificate", "ja3", "ja3s", "ja4", "registry-key", "mutex", "user-account", "mac", \
            "any"; did you mean "ip"?""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"example-c2\"|\"Example\"|line 2, column 9: \"id\" has lower-case letters, digits and",
        "\"example-c2\"|7|line 2, column 9: \"id\" must be a text in quotes, not a number",
        "\"example-c2\"|\"\"|line 2, column 9: \"id\" is empty; leave it out or fill it",
        "\"https://feed.example/about\"|\"feed.example\"|line 5, column 16: \"reference\" is the address of a page",
        "true}|\"yes\"}|line 6, column 91: \"commercialUse\" must be true or false, without quotes, not a text",
        "\"snapshot\"|\"window\"|line 9, column 15: a list that is not everything needs \"timeToLive\"",
        "\"snapshot\"|\"snapshot\", \"timeToLive\": \"30 days\"|line 9, column 41: \"timeToLive\" is an ISO 8601 duration",
        "\"snapshot\"|\"snapshot\", \"interval\": \"PT1S\"|line 9, column 39: \"interval\" must be from PT1M to 3650 days",
        "\"snapshot\"|\"snapshot\", \"interval\": \"PT9999999999999999H\"|line 9, column 39: \"interval\" ",
        "https://feed.example/c2.txt|http://feed.example/c2.txt|line 10, column 10: the location cannot be used: it has plain http, which anyone on the way can change; if there is no https, say \"plainHttp\": true",
        "https://feed.example/c2.txt|https://me:5ecret@feed.example/|line 10, column 10: the location cannot be used: it has a user name or password in it",
        "https://feed.example/c2.txt|https://feed.example/?api-key=5|line 10, column 10: the parameter api-key carries a secret",
        "https://feed.example/c2.txt|https://feed.example/{secret}|line 10, column 10: an address with {secret} belongs into \"key\"",
        "https://feed.example/c2.txt|file:///etc/passwd|line 10, column 10: the location cannot be used: it is not an absolute address with https",
        "\"snapshot\",|\"snapshot\", \"headers\": {\"X-Api-Key\": \"5\"},|line 9, column 38: the header X-Api-Key carries a secret",
        "\"snapshot\",|\"snapshot\", \"headers\": {\"Authorization\": \"5\"},|line 9, column 38: the header Authorization carries a secret",
        "\"snapshot\",|\"snapshot\", \"headers\": {\"a b\": \"5\"},|line 9, column 38: the header a b cannot be used",
        "\"snapshot\",|\"snapshot\", \"key\": {\"name\": \"0123abcd\", \"header\": \"Key\"},|line 9, column 43: \"name\" is the name of an environment variable in capitals, never the key itself",
        "\"snapshot\",|\"snapshot\", \"key\": {\"name\": \"KEY\"},|line 9, column 43: say how the key is sent",
        "\"snapshot\",|\"snapshot\", \"key\": {\"name\": \"KEY\", \"url\": \"https://x.example/\"},|line 9, column 57: \"url\" must have {secret}",
        "\"snapshot\",|\"snapshot\", \"key\": {\"name\": \"KEY\", \"url\": \"https://{secret}.example/\"},|line 9, column 34: the address with the key cannot be used: the secret must be in its path or query",
        "\"snapshot\",|\"snapshot\", \"status\": \"retired\",|line 1, column 1: \"statusNote\" is missing",
        "\"snapshot\",|\"snapshot\", \"statusSince\": \"2026\",|line 9, column 42: \"statusSince\" is a day such as",
        "\"snapshot\",|\"snapshot\", \"contract\": {\"maxRejectedShare\": 7},|line 9, column 60: \"maxRejectedShare\" must be a number from 0 to 1",
        "\"snapshot\",|\"snapshot\", \"contract\": {\"maxRejectedShare\": 1e999999},|line 9, column 60: \"maxRejectedShare\" must be a number from 0 to 1",
        "\"snapshot\",|\"snapshot\", \"types\": [\"ipv4\"],|line 9, column 36: \"types\" is one of",
        "{\"type\": \"lines\"}|{\"type\": \"csv\"}|line 11, column 22: \"type\" is one of \"lines\", \"delimited\"",
        "{\"type\": \"lines\"}|{}|line 11, column 13: \"type\" is missing",
        "{\"type\": \"lines\"}|\"lines\"|line 11, column 13: \"format\" must be an object, not a text",
        "{\"type\": \"lines\"}|{\"type\": \"lines\", \"comments\": [\"#\", \"\"]}|line 11, column 49: \"comments\" is empty",
        "{\"type\": \"lines\"}|{\"type\": \"lines\", \"trailingComment\": \"##\"}|line 11, column 50: \"trailingComment\" is one character",
        "{\"type\": \"lines\"}|{\"type\": \"lines\", \"banner\": -1}|line 11, column 41: \"banner\" must be a whole number",
        "{\"type\": \"lines\"}|{\"type\": \"lines\", \"regex\": \".*\"}|line 11, column 31: \"regex\" means nothing here",
        "{\"type\": \"lines\"}|{\"type\": \"delimited\", \"columns\": [\"value\", \"value\"]}|line 11, column 46: columns need names that differ",
        "{\"type\": \"lines\"}|{\"type\": \"delimited\", \"columns\": [\"ip\"]}|line 12, column 40: there is no field \"value\"; there are ip",
        "{\"type\": \"lines\"}|{\"type\": \"delimited\", \"columns\": [\"value\"], \"separator\": \"\\\"\"}|line 11, column 70: no separator",
        "{\"type\": \"lines\"}|{\"type\": \"delimited\", \"columns\": [\"value\"], \"foldInto\": \"x\"}|line 11, column 69: no column of that name",
        "\"value\": \"value\"}|\"value\": \"ip\"}|line 12, column 40: there is no field \"ip\"; there are",
        "\"value\": \"value\"}|\"value\": \"={value\"}|line 12, column 40: a brace is not closed",
        "\"value\": \"value\"}|\"value\": \"value\", \"tag\": [\"=x\", \"y\"]}|line 12, column 56: there is no field \"y\"",
        "\"value\": \"value\"}|\"value\": \"value\", \"timeFormat\": \"HH:mm\"}|line 12, column 63: no times can be read with the pattern HH:mm",
        "\"value\": \"value\"}|\"value\": \"value\", \"timeFormat\": \"q{\"}|line 12, column 63: ",
        "\"value\": \"value\"}|\"value\": \"value\", \"mediumFrom\": 3}|line 12, column 63: \"score\", \"mediumFrom\" and \"highFrom\" go together",
        "\"value\": \"value\"}|\"value\": \"value\", \"score\": \"comment\", \"mediumFrom\": 3, \"highFrom\": 2}|line 12, column 58: medium confidence must begin",
        "\"value\": \"value\"}|\"value\": \"value\", \"hashes\": {\"crc\": \"comment\"}}|line 12, column 67: \"hashes\" is one of",
        "\"value\": \"value\"}|\"value\": \"value\", \"kinds\": {\"a\": \"ip\"}}|line 12, column 58: \"type\" and \"kinds\" go together",
        "\"value\": \"value\"}|\"value\": \"value\", \"only\": {\"x\": \"y\"}}|line 12, column 57: there is no field \"x\"",
        "\"value\": \"value\"}|\"value\": \"value\", \"only\": {}}|line 12, column 57: \"only\" is empty",
        "\"value\": \"value\"}|\"value\": \"value\", \"also\": [{\"kind\": \"url\"}]}|line 12, column 58: \"value\" is missing",
      })
  void whatIsWrongIsSaidWhereItIs(String from, String to, String expected) {
    assertThat(problems(with(from, to))).startsWith(expected);
  }

  @Test
  void syntaxErrorsSayWhere() {
    assertThat(problems(""))
        .isEqualTo("line 1, column 1: the file is empty; a feed is a JSON object");
    assertThat(problems("{\n \"id\": \"x\",\n}")).startsWith("line 3, column 1: this is no JSON: ");
    assertThat(problems("{\"id\": \"x\"} {}"))
        .startsWith("line 1, column 13: there is more behind the end");
    assertThat(problems("{\n\"id\": \"x\",\n\"id\": \"y\"}"))
        .startsWith("line 3, column 1: \"id\" is there already, in line 2; keep one");
  }

  @Test
  void limitsHold() {
    assertThat(problems("[".repeat(100))).startsWith("line 1, column 1: nesting deeper");
    assertThat(problems(with("\"Example\"", "\"" + "x".repeat(5000) + "\"")))
        .startsWith("line 4, column ");
    assertThat(problems(" ".repeat(1 << 20) + GOOD))
        .isEqualTo(
            "line 1, column 1: the file has more than 1 MiB; put the feeds into several files");
    assertThat(
            problems(
                with(
                    "{\"type\": \"lines\"}",
                    "{\"type\": \"lines\", \"banner\": " + "9".repeat(19) + "}")))
        .startsWith("line 11, column ");
  }

  @Test
  void bytesThatAreNoTextAreSaidByLine() {
    byte[] bytes = "{\n\"id\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> DescribedFeeds.read(new ByteArrayInputStream(bytes)))
        .isInstanceOf(FeedDescriptionException.class)
        .hasMessage("line 2, column 8: these bytes are no UTF-8; save the file as UTF-8");
  }

  @Test
  void byteOrderMarkIsNoError() throws IOException {
    assertThat(feeds("\uFEFF" + GOOD)).hasSize(1);
  }

  @Test
  void namesInMessagesHaveNoControlCharacters() {
    assertThat(problems(with("\"id\"", "\"\\u001b[2J\""))).doesNotContain("\u001b");
  }
}
