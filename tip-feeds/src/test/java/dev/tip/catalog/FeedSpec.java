// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * A list as its publisher writes it, made up, and what each of its records means. The files are in
 * {@code specs}; {@code specs/README.md} says how they are written.
 */
final class FeedSpec {
  private static final Set<String> NOT_ABOUT_THE_INDICATOR =
      Set.of("input", "above", "why", "member", "rejected", "also");

  private final String name;
  private final TomlParseResult toml;
  private final TomlTable list;

  private FeedSpec(String name, TomlParseResult toml) {
    this.name = name;
    this.toml = toml;
    this.list = Objects.requireNonNull(toml.getTable("list"), name + ": no [list]");
  }

  /** Returns all of them, by the names of their files. */
  static List<FeedSpec> all() {
    URL folder = Objects.requireNonNull(FeedSpec.class.getResource("/specs"), "specs");
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files
          .filter(file -> file.toString().endsWith(".toml"))
          .sorted()
          .map(FeedSpec::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the one of that name. */
  static FeedSpec named(String name) {
    return all().stream().filter(spec -> spec.name.equals(name)).findFirst().orElseThrow();
  }

  private static FeedSpec read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      TomlParseResult toml = Toml.parse(in);
      if (toml.hasErrors()) {
        throw new IllegalArgumentException(file + ": " + toml.errors());
      }
      return new FeedSpec(file.getFileName().toString().replace(".toml", ""), toml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String feed() {
    return Objects.requireNonNull(toml.getString("feed"), name + ": no feed");
  }

  /** Returns how a fetch ends that requests nothing, or null. */
  @Nullable String outcome() {
    return toml.getString("outcome");
  }

  /** Returns what holds for every indicator of the list: role, tlp and default confidence. */
  Map<String, Object> means() {
    return plain(Objects.requireNonNull(toml.getTable("means"), name + ": no [means]"));
  }

  /** Returns what the list states about itself. */
  Map<String, Object> declared() {
    TomlTable declared = toml.getTable("declared");
    return declared == null ? Map.of() : plain(declared);
  }

  List<Record> records() {
    TomlArray records = toml.getArray("record");
    List<Record> all = new ArrayList<>();
    for (int i = 0; records != null && i < records.size(); i++) {
      TomlTable table = records.getTable(i);
      Map<String, Object> indicator = new TreeMap<>(plain(table));
      indicator.keySet().removeAll(NOT_ABOUT_THE_INDICATOR);
      List<Map<String, Object>> indicators = new ArrayList<>(List.of(indicator));
      for (Object other : table.getArrayOrEmpty("also").toList()) {
        Map<String, Object> same = new TreeMap<>(indicator);
        same.putAll(plain((TomlTable) other));
        indicators.add(same);
      }
      all.add(
          new Record(
              Objects.requireNonNull(table.getString("input"), name + ": no input"),
              table.getString("above"),
              table.getString("member"),
              Objects.requireNonNull(table.getString("why"), name + ": no why"),
              table.getString("rejected"),
              List.copyOf(indicators)));
    }
    return all;
  }

  /** Returns the bytes as the publisher sends them. */
  byte[] body() {
    return body(records());
  }

  /** Returns the list with other records. */
  byte[] body(List<Record> records) {
    if (!Boolean.TRUE.equals(list.getBoolean("zip"))) {
      return bytes(text(records, Objects.requireNonNullElse(list.getString("line-end"), "LF")));
    }
    Map<String, byte[]> members = new LinkedHashMap<>();
    TomlTable others = Objects.requireNonNull(toml.getTable("other-members"));
    others
        .entrySet()
        .forEach(other -> members.put(other.getKey(), bytes((String) other.getValue())));
    Map<String, List<Record>> byMember = new LinkedHashMap<>();
    for (Record record : records) {
      byMember
          .computeIfAbsent(Objects.requireNonNull(record.member), m -> new ArrayList<>())
          .add(record);
    }
    TomlArray crlf = list.getArrayOrEmpty("crlf-members");
    byMember.forEach(
        (member, its) -> {
          String lineEnd = crlf.toList().contains(member) ? "CRLF" : "LF";
          members.put(member, bytes(text(its, lineEnd)));
        });
    return zip(members);
  }

  private String text(List<Record> records, String lineEnd) {
    StringBuilder text = new StringBuilder(before().replace("@records@", "" + records.size()));
    String separator = string("separator") + '\n';
    for (int i = 0; i < records.size(); i++) {
      Record record = records.get(i);
      text.append(record.above == null ? "" : record.above + '\n').append(record.input);
      text.append(i + 1 < records.size() ? separator : "\n");
    }
    String size = Integer.toString(bytes(text.toString()).length);
    text.append(after(records.size(), size));
    if (Boolean.TRUE.equals(list.getBoolean("open-end"))) {
      text.setLength(text.length() - 1);
    }
    String mark = Boolean.TRUE.equals(list.getBoolean("byte-order-mark")) ? "\uFEFF" : "";
    return mark
        + switch (lineEnd) {
          case "LF" -> text.toString();
          case "CRLF" -> text.toString().replace("\n", "\r\n");
          default -> throw new IllegalArgumentException(name + ": line-end " + lineEnd);
        };
  }

  /** Returns whether there is nothing around the records. */
  boolean hasNoText() {
    return before().isEmpty() && string("after").isEmpty();
  }

  /** Returns what stands before the first record, lines ended by LF. */
  String before() {
    return string("before");
  }

  /** Returns what stands behind the last of so many records, lines ended by LF. */
  String after(int records) {
    return after(records, "");
  }

  private String after(int records, String size) {
    return string("after").replace("@size@", size).replace("@records@", Integer.toString(records));
  }

  private String string(String key) {
    return Objects.requireNonNullElse(list.getString(key), "");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip(Map<String, byte[]> members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static Map<String, Object> plain(TomlTable table) {
    Map<String, Object> plain = new TreeMap<>();
    table.entrySet().forEach(entry -> plain.put(entry.getKey(), plain(entry.getValue())));
    return plain;
  }

  private static Object plain(Object value) {
    if (value instanceof TomlTable table) {
      return plain(table);
    } else if (value instanceof TomlArray array) {
      return array.toList().stream().map(FeedSpec::plain).toList();
    } else if (value instanceof OffsetDateTime time) {
      return time.toInstant();
    }
    return value;
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * A record.
   *
   * @param input the record as the publisher writes it
   * @param above comment lines in front of it
   * @param member the member of the archive it stands in
   * @param why what is special about it
   * @param rejected the reason why it cannot be used, or null
   * @param indicators of each indicator that it gives the properties, all of them; times are {@link
   *     Instant}s. Of a record that is rejected, they mean nothing
   */
  record Record(
      String input,
      @Nullable String above,
      @Nullable String member,
      String why,
      @Nullable String rejected,
      List<Map<String, Object>> indicators) {}
}
