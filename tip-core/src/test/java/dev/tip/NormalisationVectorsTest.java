// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tip.CyberObservable.Type;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NormalisationVectorsTest {
  private static List<Map<String, String>> vectors() throws IOException {
    List<Map<String, String>> vectors = new ArrayList<>();
    try (InputStream in =
            Objects.requireNonNull(
                NormalisationVectorsTest.class.getResourceAsStream("/normalisation/vectors.json"));
        JsonParser json = new JsonFactory().createParser(in)) {
      while (json.nextToken() != JsonToken.START_ARRAY) {
        assertThat(json.currentToken()).isNotNull();
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        Map<String, String> vector = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          vector.put(name, json.nextTextValue());
        }
        vectors.add(vector);
      }
    }
    return vectors;
  }

  static Stream<Map<String, String>> valid() throws IOException {
    return vectors().stream().filter(v -> v.containsKey("value"));
  }

  static Stream<Map<String, String>> invalid() throws IOException {
    return vectors().stream().filter(v -> v.containsKey("reason"));
  }

  private static Type type(Map<String, String> vector) {
    return Stream.of(Type.values())
        .filter(t -> t.stixName().equals(vector.get("type")))
        .findFirst()
        .orElseThrow();
  }

  private static CyberObservable observable(Type type, String input) {
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
      case "imphash" -> CyberObservable.file(HashAlgorithm.IMPHASH, rest);
      case "ssdeep" -> CyberObservable.file(HashAlgorithm.SSDEEP, rest);
      case "tlsh" -> CyberObservable.file(HashAlgorithm.TLSH, rest);
      default -> throw new AssertionError(input);
    };
  }

  private static CyberObservable software(String input) {
    for (Software.Fingerprint kind : Software.Fingerprint.values()) {
      String prefix = kind.name().toLowerCase(java.util.Locale.ROOT) + ':';
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
  void inputBecomesTheValue(Map<String, String> vector) {
    CyberObservable observable = observable(type(vector), vector.get("input"));

    assertThat(observable.value()).isEqualTo(vector.get("value"));
    assertThat(observable.type()).isEqualTo(type(vector));
    assertThat(CyberObservable.parse(observable.type(), observable.value())).isEqualTo(observable);
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void inputIsRefusedForTheReason(Map<String, String> vector) {
    InvalidIndicatorException e =
        catchThrowableOfType(
            InvalidIndicatorException.class, () -> observable(type(vector), vector.get("input")));

    assertThat(e).isNotNull();
    assertThat(e.reason()).isEqualTo(vector.get("reason"));
  }

  @ParameterizedTest
  @MethodSource("valid")
  void parseRefusesWhatIsNotCanonical(Map<String, String> vector) {
    if (vector.get("input").equals(vector.get("value"))) {
      return;
    }
    assertThatThrownBy(() -> CyberObservable.parse(type(vector), vector.get("input")))
        .isInstanceOf(InvalidIndicatorException.class);
  }

  @Test
  void everyTypeHasValidAndInvalidVectors() throws IOException {
    for (Type type : Type.values()) {
      assertThat(valid()).anyMatch(v -> type(v) == type);
      assertThat(invalid()).anyMatch(v -> type(v) == type);
    }
  }

  @Test
  void documentationListsEveryReasonThatTheSourcesThrow() throws IOException {
    String page = Files.readString(Path.of("../docs/normalisation.md"));
    java.util.regex.Pattern thrown =
        java.util.regex.Pattern.compile(
            "\"((?:address|as|domain|email|file|fingerprint|hash|host|idn|ipv4|ipv6|ja4|mac|not"
                + "|prefix|registry|ssdeep|text|tlsh|url)-[a-z-]+)\"");
    try (Stream<Path> files = Files.list(Path.of("src/main/java/dev/tip"))) {
      List<Path> sources = files.filter(f -> f.toString().endsWith(".java")).toList();
      assertThat(sources).isNotEmpty();
      for (Path source : sources) {
        String text = Files.readString(source);
        assertThat(text).as("no look-ups in %s", source).doesNotContain("InetAddress");
        // The names of types look like reasons.
        thrown
            .matcher(text)
            .results()
            .map(r -> r.group(1))
            .filter(r -> Stream.of(Type.values()).noneMatch(t -> t.stixName().equals(r)))
            .forEach(reason -> assertThat(page).contains("`" + reason + "`"));
      }
    }
    assertThat(page).contains("`" + CyberObservable.NORMALISATION_PROFILE + "`");
  }
}
