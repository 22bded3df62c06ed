// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tip.CyberObservable.Type;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the model and its documentation to the vectors of the normalisation profile. */
class NormalisationVectorsTest {
  private static final Path PAGE = Path.of("../docs/normalisation.md");

  /**
   * A line of the vectors.
   *
   * @param canonical whether the text claims to be canonical
   * @param value what it becomes, or null if it is refused
   * @param reason why it is refused, or null
   * @param why what the vector shows
   */
  record Vector(
      Type type,
      boolean canonical,
      String text,
      @Nullable String value,
      @Nullable String reason,
      String why) {
    CyberObservable read() {
      return canonical ? CyberObservable.parse(type, text) : observable(type, text);
    }

    @Override
    public String toString() {
      String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
      return type.stixName() + " [" + shown + "] " + why;
    }
  }

  /**
   * The id of an indicator.
   *
   * @param feed the id of the feed
   * @param type the STIX name
   * @param value the canonical value
   * @param id the id
   */
  record IdVector(String feed, String type, String value, String id) {}

  private static List<Map<String, String>> read(String array) throws IOException {
    List<Map<String, String>> rows = new ArrayList<>();
    try (InputStream in =
            Objects.requireNonNull(
                NormalisationVectorsTest.class.getResourceAsStream("/normalisation/vectors.json"));
        JsonParser json = new JsonFactory().createParser(in)) {
      while (!array.equals(json.currentName()) || json.currentToken() != JsonToken.START_ARRAY) {
        assertThat(json.nextToken()).as(array).isNotNull();
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        Map<String, String> fields = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          fields.put(name, json.getText());
        }
        rows.add(fields);
      }
    }
    return rows;
  }

  private static List<Vector> vectors() throws IOException {
    List<Vector> vectors = new ArrayList<>();
    for (Map<String, String> fields : read("vectors")) {
      assertThat(fields.keySet())
          .isSubsetOf("type", "input", "canonical", "padding", "value", "reason", "why");
      String padding = "x".repeat(Integer.parseInt(fields.getOrDefault("padding", "0")));
      String value = fields.get("value");
      vectors.add(
          new Vector(
              type(fields.getOrDefault("type", "")),
              fields.containsKey("canonical"),
              fields.getOrDefault("canonical", "") + fields.getOrDefault("input", "") + padding,
              value == null ? null : value + padding,
              fields.get("reason"),
              fields.getOrDefault("why", "")));
    }
    assertThat(vectors).hasSizeGreaterThan(200);
    return vectors;
  }

  static Stream<IdVector> ids() throws IOException {
    return read("ids").stream()
        .map(
            fields ->
                new IdVector(
                    fields.getOrDefault("feed", ""),
                    fields.getOrDefault("type", ""),
                    fields.getOrDefault("value", ""),
                    fields.getOrDefault("id", "")));
  }

  static Stream<Vector> valid() throws IOException {
    return vectors().stream().filter(v -> v.value() != null);
  }

  static Stream<Vector> invalid() throws IOException {
    return vectors().stream().filter(v -> v.reason() != null);
  }

  private static Type type(String stixName) {
    return Stream.of(Type.values())
        .filter(t -> t.stixName().equals(stixName))
        .findFirst()
        .orElseThrow();
  }

  /** Reads text as a feed has it. */
  static CyberObservable observable(Type type, String input) {
    return switch (type) {
      case IPV4_ADDR, IPV6_ADDR -> CyberObservable.ip(input);
      case AUTONOMOUS_SYSTEM -> CyberObservable.autonomousSystem(input);
      case DOMAIN_NAME -> CyberObservable.domainName(input);
      case URL -> CyberObservable.url(input);
      case EMAIL_ADDR -> CyberObservable.emailAddr(input);
      case FILE -> file(input);
      case X509_CERTIFICATE -> CyberObservable.x509Certificate(input);
      case SOFTWARE -> software(input);
      case WINDOWS_REGISTRY_KEY -> registryKey(input);
      case MUTEX -> CyberObservable.mutex(input);
      case USER_ACCOUNT -> CyberObservable.userAccount(input);
      case MAC_ADDR -> CyberObservable.macAddr(input);
    };
  }

  private static CyberObservable file(String input) {
    int colon = input.indexOf(':');
    String rest = input.substring(colon + 1);
    return switch (colon < 0 ? "" : input.substring(0, colon)) {
      case "" -> CyberObservable.file(input);
      case "name" -> CyberObservable.fileName(rest);
      case "path" -> File.builder().path(rest).build();
      case "size" -> File.builder().size(Long.parseLong(rest)).build();
      case "imphash" -> CyberObservable.file(HashAlgorithm.IMPHASH, rest);
      case "ssdeep" -> CyberObservable.file(HashAlgorithm.SSDEEP, rest);
      case "tlsh" -> CyberObservable.file(HashAlgorithm.TLSH, rest);
      default -> throw new AssertionError(input);
    };
  }

  private static CyberObservable software(String input) {
    for (Software.Fingerprint kind : Software.Fingerprint.values()) {
      String prefix = kind.name().toLowerCase(Locale.ROOT) + ':';
      if (input.startsWith(prefix)) {
        return CyberObservable.software(kind, input.substring(prefix.length()));
      }
    }
    return CyberObservable.parse(Type.SOFTWARE, input);
  }

  private static CyberObservable registryKey(String input) {
    int end = input.indexOf("\\\\");
    return end < 0
        ? CyberObservable.windowsRegistryKey(input, null)
        : CyberObservable.windowsRegistryKey(input.substring(0, end), input.substring(end + 2));
  }

  @ParameterizedTest
  @MethodSource("valid")
  void inputBecomesTheValue(Vector vector) {
    CyberObservable observable = vector.read();

    assertThat(observable.value()).isEqualTo(vector.value());
    assertThat(observable.type()).isEqualTo(vector.type());
    assertThat(CyberObservable.parse(observable.type(), observable.value())).isEqualTo(observable);
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void inputIsRefusedForTheReason(Vector vector) {
    assertThatExceptionOfType(InvalidIndicatorException.class)
        .isThrownBy(vector::read)
        .returns(vector.reason(), InvalidIndicatorException::reason)
        .withMessageStartingWith(vector.reason() + ": ");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void parseReadsTheValueAndNothingElse(Vector vector) {
    if (vector.text().equals(vector.value())) {
      assertThat(CyberObservable.parse(vector.type(), vector.text()).value())
          .isEqualTo(vector.value());
    } else {
      assertThatThrownBy(() -> CyberObservable.parse(vector.type(), vector.text()))
          .isInstanceOf(InvalidIndicatorException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("ids")
  void idStaysWhatItIs(IdVector vector) {
    CyberObservable observable = CyberObservable.parse(type(vector.type()), vector.value());

    assertThat(Indicator.builder(observable, IndicatorTest.feed(vector.feed())).build().id())
        .isEqualTo(vector.id());
  }

  @Test
  void everyTypeHasAnId() throws IOException {
    assertThat(ids().map(IdVector::type))
        .containsAll(Stream.of(Type.values()).map(Type::stixName).toList());
    assertThat(ids().map(IdVector::id)).doesNotHaveDuplicates();
  }

  @Test
  void everyVectorSaysOneThingAndWhy() throws IOException {
    assertThat(vectors())
        .allSatisfy(
            v -> {
              assertThat(v.value() == null).isNotEqualTo(v.reason() == null);
              assertThat(v.why()).isNotBlank();
            })
        .extracting(v -> v.type() + " " + v.canonical() + " " + v.text())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeHasVectorsOfBothKinds(Type type) throws IOException {
    assertThat(valid()).anyMatch(v -> v.type() == type && !v.text().equals(v.value()));
    assertThat(valid()).anyMatch(v -> v.type() == type);
    assertThat(invalid()).anyMatch(v -> v.type() == type && !v.canonical());
    assertThat(invalid())
        .anyMatch(v -> v.type() == type && Objects.equals(v.reason(), "not-canonical"));
  }

  @Test
  void reasonsOfTheSourcesTheVectorsAndThePageAreTheSame() throws IOException {
    Set<String> thrown = thrownReasons();

    assertThat(thrown).contains("not-canonical", "file-without-identity", "ja4-syntax");
    assertThat(invalid().map(Vector::reason).collect(Collectors.toSet())).isEqualTo(thrown);
    assertThat(rows("## Reasons").map(cells -> cells.get(0))).containsExactlyElementsOf(thrown);
    assertThat(rows("## Reasons")).allMatch(cells -> !cells.get(1).isBlank());
  }

  /** The reasons are string literals of the package that are in kebab case and no names. */
  private static Set<String> thrownReasons() throws IOException {
    Pattern literal = Pattern.compile("\"([a-z0-9]+(?:-[a-z0-9]+)+)\"");
    Set<String> reasons = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/java/dev/tip"))) {
      for (Path source : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        literal.matcher(Files.readString(source)).results().forEach(m -> reasons.add(m.group(1)));
      }
    }
    Stream.of(Type.values()).map(Type::stixName).forEach(reasons::remove);
    reasons.removeAll(Set.of(CyberObservable.NORMALISATION_PROFILE, "SHA-256"));
    return reasons;
  }

  @ParameterizedTest
  @EnumSource
  void pageSaysHowEveryTypeIsWrittenAndUsed(Type type) throws IOException {
    List<String> row =
        rows("## Types")
            .filter(cells -> cells.get(0).equals(type.stixName()))
            .findFirst()
            .orElseThrow();

    assertThat(row.get(1)).matches("detectable.*|context only");
    assertThat(row.get(2)).isNotBlank();
    List<String> examples = List.of(row.get(3).split(", "));
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      assertThat(CyberObservable.parse(type, example).value()).isEqualTo(example);
    }
  }

  @Test
  void pageNamesTheProfile() throws IOException {
    assertThat(Files.readString(PAGE)).contains("`" + CyberObservable.NORMALISATION_PROFILE + "`");
  }

  /** Returns the cells of the rows of the first table below a heading, without code marks. */
  private static Stream<List<String>> rows(String heading) throws IOException {
    return Files.readAllLines(PAGE).stream()
        .dropWhile(line -> !line.equals(heading))
        .dropWhile(line -> !line.startsWith("|"))
        .takeWhile(line -> line.startsWith("|"))
        .skip(2)
        .map(line -> List.of(line.substring(1).replace("`", "").split("\\|")))
        .map(cells -> cells.stream().map(String::strip).toList());
  }
}
