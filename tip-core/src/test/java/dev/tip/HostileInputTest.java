// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Software.Fingerprint;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the model does for text that was made to hurt. */
@Timeout(60)
class HostileInputTest {
  private static final int LENGTH = 1 << 18;

  /** The most looks at a character that a factory needs, its error message included. */
  private static final int LOOKS = 6;

  /** Text that counts how often one of its characters is looked at. */
  private static final class CountingText implements CharSequence {
    private final String text;
    private long looks;

    CountingText(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      looks++;
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      looks += end - start;
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      looks += text.length();
      return text;
    }
  }

  static Stream<Arguments> factories() {
    List<Arguments> all = new ArrayList<>();
    add(all, "ip", CyberObservable::ip);
    add(all, "masked", IpNetwork::parseMasked);
    add(all, "autonomousSystem", CyberObservable::autonomousSystem);
    add(all, "domainName", CyberObservable::domainName);
    add(all, "url", CyberObservable::url);
    add(all, "emailAddr", CyberObservable::emailAddr);
    add(all, "file", CyberObservable::file);
    add(all, "fileName", CyberObservable::fileName);
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      add(all, algorithm.ecsName(), t -> CyberObservable.file(algorithm, t));
    }
    add(all, "x509Certificate", CyberObservable::x509Certificate);
    for (Fingerprint kind : Fingerprint.values()) {
      add(all, kind.name(), t -> CyberObservable.software(kind, t));
    }
    add(all, "registry key", t -> CyberObservable.windowsRegistryKey(t, null));
    add(all, "registry value", t -> CyberObservable.windowsRegistryKey("HKLM\\a", t));
    add(all, "mutex", CyberObservable::mutex);
    add(all, "userAccount", CyberObservable::userAccount);
    add(all, "macAddr", CyberObservable::macAddr);
    return all.stream();
  }

  private static void add(List<Arguments> all, String name, Consumer<CharSequence> factory) {
    all.add(Arguments.of(name, factory));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("factories")
  void longTextIsLookedAtAFewTimesOnly(String name, Consumer<CharSequence> factory) {
    for (String part :
        List.of(
            "a",
            "A",
            " ",
            ".",
            "a.",
            "1",
            "1.",
            "0",
            ":",
            "1:",
            "::",
            "/",
            "%",
            "%41",
            "@",
            "-",
            "AB:",
            "\\",
            "\u00e9",
            "\u00a0",
            "\ud800",
            "\u0000",
            "\ud83d\ude00",
            "\u3002")) {
      for (String start : List.of("", "http://", "http://a.example/", "HKLM\\", "3:", "::")) {
        CountingText text = new CountingText(start + part.repeat(LENGTH / part.length()));
        try {
          factory.accept(text);
        } catch (InvalidIndicatorException e) {
          assertThat(e.getMessage()).hasSizeLessThan(1000);
        }
        assertThat(text.looks)
            .as("%s of %s%s…", name, start, part)
            .isLessThan((long) LOOKS * LENGTH);
      }
    }
  }

  @Test
  void modelRefersToNothingThatAsksTheNetworkOrTheFileSystem() throws Exception {
    Set<String> classes = new TreeSet<>();
    Path folder =
        Path.of(Objects.requireNonNull(Indicator.class.getResource("Indicator.class")).toURI())
            .getParent();
    try (Stream<Path> files = Files.list(Objects.requireNonNull(folder))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        classes.addAll(classesNamedBy(file));
      }
    }

    assertThat(classes).contains("java/net/IDN", "java/security/MessageDigest");
    assertThat(classes)
        .filteredOn(
            c ->
                c.startsWith("java/net/")
                    || c.startsWith("java/nio/file/")
                    || c.startsWith("java/nio/channels/")
                    || c.startsWith("java/io/")
                    || c.startsWith("java/lang/Process")
                    || c.startsWith("java/lang/reflect/")
                    || c.startsWith("javax/naming/"))
        .isSubsetOf("java/net/IDN");
  }

  /**
   * Returns the classes in the constant pool of a class file.
   *
   * @see <a href="https://docs.oracle.com/javase/specs/jvms/se17/html/jvms-4.html#jvms-4.4">The
   *     class file format, section 4.4</a>
   */
  private static Set<String> classesNamedBy(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      assertThat(in.readInt()).isEqualTo(0xcafebabe);
      in.skipNBytes(4);
      int count = in.readUnsignedShort();
      @Nullable String[] texts = new String[count];
      List<Integer> classes = new ArrayList<>();
      for (int i = 1; i < count; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> texts[i] = in.readUTF();
          case 7 -> classes.add(in.readUnsignedShort());
          case 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++;
          }
          default -> throw new IOException("constant of kind " + tag);
        }
      }
      Set<String> names = new TreeSet<>();
      for (int index : classes) {
        names.add(String.valueOf(texts[index]));
      }
      return names;
    }
  }
}
