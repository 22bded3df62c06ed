// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaException.Problem;
import dev.tip.rules.KibanaRules.Changes;
import dev.tip.rules.KibanaRules.Profile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KibanaFaultsTest {
  private static final String FIND = "/api/detection_engine/rules/_find";
  private static final String IMPORT = "/api/detection_engine/rules/_import";
  private static final String JSON = "application/json";

  private final KibanaStub stub = new KibanaStub();
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicLong now = new AtomicLong();
  private final List<Duration> waits = new ArrayList<>();

  @AfterEach
  void close() {
    stub.close();
  }

  private KibanaRules.Builder kibana() {
    return KibanaRules.builder(stub.address(), client)
        .apiKey(KibanaStub.KEY)
        .time(
            now::get,
            nanos -> {
              waits.add(Duration.ofNanos(nanos));
              now.addAndGet(nanos);
            });
  }

  private static ThreatMatchRule rule() {
    return ThreatMatchRuleTest.valid().build();
  }

  private KibanaException planFails(KibanaRules.Builder kibana) {
    KibanaException e =
        catchThrowableOfType(
            KibanaException.class, () -> kibana.build().plan(List.of(rule()), Profile.FULL));
    assertThat(e).isNotNull();
    assertThat(e.toString() + e.getCause()).doesNotContain(KibanaStub.KEY);
    assertThat(e.getMessage())
        .doesNotContain(KibanaStub.KEY)
        .matches(text -> text.chars().noneMatch(Character::isISOControl), "no control characters")
        .hasSizeLessThan(700);
    return e;
  }

  private void planFails(Problem problem, String... words) {
    KibanaException e = planFails(kibana());
    assertThat(e.problem()).as(e.getMessage()).isEqualTo(problem);
    assertThat(e).hasMessageContainingAll(words);
  }

  @Test
  void aWrongKeyIsSaid() {
    KibanaException e = planFails(kibana().apiKey("d3Jvbmc6d3Jvbmc="));
    assertThat(e.problem()).isEqualTo(Problem.UNAUTHORIZED);
    assertThat(e).hasMessageContaining("encoded").hasMessageContaining("unable to authenticate");
    KibanaException none =
        planFails(KibanaRules.builder(stub.address(), client).time(now::get, nanos -> {}));
    assertThat(none.problem()).isEqualTo(Problem.UNAUTHORIZED);
    assertThat(none).hasMessage("Kibana wants an API key");
  }

  @Test
  void aMissingPrivilegeIsNamed() {
    stub.fault(
        FIND,
        KibanaStub.answer(
            403,
            JSON,
            "{\"statusCode\":403,\"message\":\"API [GET "
                + FIND
                + "] is unauthorized for user, this"
                + " action is granted by the Kibana privileges [rules-read]\"}"));
    planFails(Problem.FORBIDDEN, "[rules-read]", "Security", FIND);
  }

  @Test
  void aMissingLicenceIsSaid() {
    stub.fault(
        FIND,
        KibanaStub.answer(
            403, JSON, "{\"message\":\"Your license does not support this. Please upgrade.\"}"));
    planFails(Problem.LICENCE, "Please upgrade");
  }

  @Test
  void aSpaceThatIsNotThereIsSaidBeforeAnythingIsAskedOfIt() {
    KibanaException e = planFails(kibana().space("nowhere"));
    assertThat(e.problem()).isEqualTo(Problem.NO_SPACE);
    assertThat(e).hasMessageContaining("nowhere");
    assertThat(stub.requests("/s/nowhere")).isEmpty();
  }

  @Test
  void aKibanaWithoutDetectionEngineIsSaid() {
    stub.fault(FIND, KibanaStub.answer(404, JSON, "{\"message\":\"Not Found\"}"));
    planFails(Problem.REFUSED, "no detection engine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.18.9", "7.17.0", "8.2.0-SNAPSHOT", "8.18"})
  void anOldVersionIsRefusedBeforeAnythingIsAsked(String version) {
    stub.version = version;
    planFails(Problem.TOO_OLD, version, "8.19");
    assertThat(stub.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.19.0", "9.0.0", "10.1", "8.100.0", "", "unknown", "9"})
  void aNewOrUnknownVersionIsAsked(String version) throws Exception {
    stub.version = version;
    assertThat(kibana().build().plan(List.of(rule()), Profile.FULL).entries()).hasSize(1);
  }

  @Test
  void aServerlessProjectIsNeverTooOld() throws Exception {
    stub.fault(
        "/api/status",
        KibanaStub.answer(
            200, JSON, "{\"version\":{\"number\":\"1.0.0\",\"build_flavor\":\"serverless\"}}"));
    assertThat(kibana().build().plan(List.of(rule()), Profile.FULL).entries()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/status", FIND})
  void aWebPageIsNoKibana(String path) {
    stub.fault(path, KibanaStub.answer(200, "text/html", "\n<!DOCTYPE html><title>Log in</title>"));
    planFails(Problem.NOT_KIBANA, "web page", "login");
  }

  @Test
  void anotherServerIsNoKibana() {
    stub.fault("/api/status", KibanaStub.answer(404, JSON, "{\"error\":\"no handler found\"}"));
    planFails(Problem.NOT_KIBANA, "/api/status");
    stub.fault("/api/status", KibanaStub.answer(200, "text/plain", "hello"));
    planFails(Problem.NOT_KIBANA, "no JSON object");
  }

  @Test
  void aRedirectIsNotFollowedAndNotRepeated() {
    stub.fault(
        "/api/status", KibanaStub.answer(302, JSON, "", "Location", "https://evil.example/"));
    KibanaException e = planFails(kibana());
    assertThat(e.problem()).isEqualTo(Problem.NOT_KIBANA);
    assertThat(e).hasMessageContaining("base path").hasMessageNotContaining("evil");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"data\":{},\"total\":1}",
        "{\"data\":[],\"total\":\"many\"}",
        "{\"data\":[],\"total\":-1}",
        "{\"data\":[1],\"total\":1}",
        "{\"data\":[{\"name\":\"no id\"}],\"total\":1}"
      })
  void pagesOfAnotherFormAreNoKibana(String body) {
    stub.fault(FIND, KibanaStub.answer(200, JSON, body));
    planFails(Problem.NOT_KIBANA, "not what Kibana answers");
  }

  @Test
  void moreRulesThanASearchGivesAreSaid() {
    stub.fault(FIND, KibanaStub.answer(200, JSON, "{\"data\":[],\"total\":10001}"));
    planFails(Problem.REFUSED, "more than 10000");
  }

  @Test
  void rulesThatComeAndGoWhileTheyAreReadAreReadAgain() throws Exception {
    ObjectNode one = stub.put(RuleDocument.rule(rule()));
    KibanaStub.Fault less = KibanaStub.answer(200, JSON, "{\"data\":[" + one + "],\"total\":2}");
    KibanaStub.Fault none = KibanaStub.answer(200, JSON, "{\"data\":[],\"total\":2}");
    stub.fault(FIND, less, none);
    assertThat(kibana().build().plan(List.of(rule()), Profile.FULL).entries()).hasSize(1);

    stub.fault(FIND, less, none, less, none, less, none);
    planFails(Problem.CHANGED, "change while they are read");
  }

  @Test
  void anEndlessAnswerIsCutOff() {
    stub.fault(FIND, KibanaStub.endless());
    planFails(Problem.NOT_KIBANA, "more than 33554432 bytes");
  }

  @Test
  void aCutAnswerIsNoAnswer() {
    stub.fault(FIND, KibanaStub.cut());
    planFails(Problem.UNREACHABLE, "broke off");
  }

  @Test
  void nobodyThereIsSaid() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    KibanaException e =
        planFails(
            KibanaRules.builder(URI.create("http://127.0.0.1:" + port), client)
                .apiKey(KibanaStub.KEY));
    assertThat(e.problem()).isEqualTo(Problem.UNREACHABLE);
  }

  @Test
  void anAnswerThatStopsInTheMiddleEndsWithTheDeadline() {
    stub.fault(FIND, stub.stuck());
    KibanaException e =
        planFails(
            KibanaRules.builder(stub.address(), client)
                .apiKey(KibanaStub.KEY)
                .deadline(Duration.ofMillis(700)));
    assertThat(e.problem()).isEqualTo(Problem.TIMED_OUT);
    assertThat(e).hasMessageContaining("plan again");
  }

  @Test
  void anInterruptEndsAWait() throws Exception {
    stub.fault(FIND, stub.stuck());
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread planning =
        new Thread(
            () -> {
              try {
                kibana().build().plan(List.of(rule()), Profile.FULL);
                ended.complete(null);
              } catch (Exception e) {
                ended.completeExceptionally(e);
              }
            });
    planning.start();
    planning.interrupt();
    assertThatThrownBy(() -> ended.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    planning.join();
  }

  @ParameterizedTest
  @CsvSource({"429", "503"})
  void aBusyKibanaIsAskedAgainWhenItSays(int status) throws Exception {
    stub.fault(
        FIND,
        KibanaStub.answer(status, JSON, "{}", "Retry-After", "17"),
        KibanaStub.answer(status, "text/html", "<html>"),
        KibanaStub.answer(status, JSON, "{}", "Retry-After", "9999999999999999999"),
        KibanaStub.answer(status, JSON, "{}", "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
        KibanaStub.answer(status, JSON, "{}", "Retry-After", "999999"));
    assertThat(kibana().build().plan(List.of(rule()), Profile.FULL).entries()).hasSize(1);
    assertThat(waits).extracting(Duration::toSeconds).containsExactly(17L, 2L, 4L, 8L, 60L);
  }

  @Test
  void aKibanaThatStaysBusyEndsWithTheDeadlineAndNotBeyond() {
    KibanaStub.Fault busy = KibanaStub.answer(429, JSON, "{}", "Retry-After", "50");
    stub.fault(FIND, busy, busy, busy, busy, busy, busy, busy, busy);
    KibanaException e = planFails(kibana().deadline(Duration.ofMinutes(2)));
    assertThat(e.problem()).isEqualTo(Problem.BUSY);
    assertThat(e).hasMessageContaining("429").hasMessageContaining("too many requests");
    assertThat(Duration.ofNanos(now.get())).isLessThanOrEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void anImportIsSentAgainOnlyWhenKibanaDidNotTakeIt() throws Exception {
    KibanaRules kibana = kibana().build();
    stub.fault(IMPORT, KibanaStub.answer(503, JSON, "{}"));
    assertThat(kibana.apply(kibana.plan(List.of(rule()), Profile.FULL), Changes.create()).created())
        .hasSize(1);
    assertThat(stub.requests(IMPORT)).hasSize(2);

    stub.rules("default").clear();
    stub.fault(IMPORT, KibanaStub.cut());
    assertThatThrownBy(
            () -> kibana.apply(kibana.plan(List.of(rule()), Profile.FULL), Changes.create()))
        .isInstanceOf(KibanaException.class)
        .extracting("problem")
        .isEqualTo(Problem.UNREACHABLE);
    assertThat(stub.requests(IMPORT)).hasSize(3);
  }

  @Test
  void aRequestThatIsTooLargeOrHoldsTooManyIsSaid() throws Exception {
    KibanaRules kibana = kibana().build();
    KibanaPlan plan = kibana.plan(List.of(rule()), Profile.FULL);
    stub.maxBytes = 100;
    assertThatThrownBy(() -> kibana.apply(plan, Changes.create()))
        .hasMessageContaining("too large")
        .extracting("problem")
        .isEqualTo(Problem.REFUSED);
    stub.maxBytes = RuleJson.MAX_IMPORT_BYTES;
    stub.maxObjects = 0;
    assertThatThrownBy(() -> kibana.apply(plan, Changes.create()))
        .hasMessageContaining("Can't import more than 0 rules")
        .extracting("problem")
        .isEqualTo(Problem.REFUSED);
  }

  @Test
  void anImportAnsweredWithSomethingElseIsNoSuccess() throws Exception {
    KibanaRules kibana = kibana().build();
    KibanaPlan plan = kibana.plan(List.of(rule()), Profile.FULL);
    for (String body : List.of("{}", "{\"success\":true}", "{\"success\":1,\"errors\":[]}")) {
      stub.fault(IMPORT, KibanaStub.answer(200, JSON, body));
      assertThatThrownBy(() -> kibana.apply(plan, Changes.create()))
          .as(body)
          .extracting("problem")
          .isEqualTo(Problem.NOT_KIBANA);
    }
  }

  @ParameterizedTest
  @CsvSource({"502,UNREACHABLE", "504,UNREACHABLE", "500,REFUSED", "400,REFUSED", "418,REFUSED"})
  void otherStatusesAreSaid(int status, Problem problem) {
    stub.fault(FIND, KibanaStub.answer(status, "text/html", "<h1>Oops</h1>"));
    planFails(problem, String.valueOf(status));
  }

  @Test
  void whatAServerSaysCanNeitherDriveATerminalNorGiveTheKeyAway() throws Exception {
    String hostile =
        "\\u001b[2J\\u202e" + KibanaStub.KEY + "\\nsecond line\\u0000" + "x".repeat(100_000);
    stub.fault(FIND, KibanaStub.answer(400, JSON, "{\"message\":\"" + hostile + "\"}"));
    assertThat(planFails(kibana()))
        .hasMessageContaining("[API key] second line")
        .hasMessageNotContaining("\u202e");

    stub.refusals.put(
        rule().ruleId(),
        RuleJson.read(
            ("{\"rule_id\":\""
                    + rule().ruleId()
                    + "\",\"error\":{\"status_code\":400,\"message\":\""
                    + hostile
                    + "\"}}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    KibanaRules kibana = kibana().build();
    KibanaReport report =
        kibana.apply(kibana.plan(List.of(rule()), Profile.FULL), Changes.create());
    assertThat(report.failures())
        .singleElement()
        .satisfies(
            f ->
                assertThat(f.message())
                    .doesNotContain(KibanaStub.KEY, "\u001b", "\u202e", "\n")
                    .hasSizeLessThan(400));
  }

  @Test
  void theKeyIsInTheHeaderAndNowhereElse() throws Exception {
    KibanaRules kibana = kibana().space("default").build();
    kibana.plan(List.of(rule()), Profile.FULL);
    assertThat(stub.requests())
        .allSatisfy(
            r -> {
              assertThat(r.headers()).containsEntry("authorization", "ApiKey " + KibanaStub.KEY);
              assertThat(r.path()).doesNotContain(KibanaStub.KEY);
            });
    assertThat(kibana).asString().doesNotContain(KibanaStub.KEY).contains("space default");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://kibana.example",
        "https:kibana",
        "/relative",
        "https://user:hunter2@kibana.example",
        "https://kibana.example/?hunter2",
        "https://kibana.example/#hunter2"
      })
  void addressesThatCannotBeUsedAreRefusedWithoutRepeatingThem(String address) {
    assertThatThrownBy(() -> KibanaRules.builder(URI.create(address), client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://host:5601")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aClientThatFollowsRedirectsIsRefused() {
    HttpClient follows =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    assertThatThrownBy(() -> KibanaRules.builder(stub.address(), follows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Redirect.NEVER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "schl\u00fcssel"})
  void keysThatNoHeaderCarriesAreRefusedWithoutRepeatingThem(String key) {
    assertThatThrownBy(() -> kibana().apiKey(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the API key is empty or has characters that are none of base64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a/b", "..", "a b", "a?b", "\u00e4"})
  void spacesThatAreNoIdAreRefused(String space) {
    assertThatThrownBy(() -> kibana().space(space)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBasePathIsKept() throws Exception {
    stub.fault("/base/path/api/status", KibanaStub.answer(200, JSON, "{}"));
    KibanaException e =
        planFails(
            KibanaRules.builder(URI.create(stub.address() + "/base/path//"), client)
                .apiKey(KibanaStub.KEY)
                .time(now::get, nanos -> {}));
    assertThat(e.problem()).isEqualTo(Problem.REFUSED);
    assertThat(stub.requests("/base/path/api/detection_engine")).hasSize(1);
  }
}
