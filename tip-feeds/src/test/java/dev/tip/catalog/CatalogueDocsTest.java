// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/feeds.md} states what the catalogue states. Between its markers stands what this test
 * expects; with the system property {@code tip.docs=write} the test writes it there.
 */
class CatalogueDocsTest {
  private static final Path PAGE = Path.of("../docs/feeds.md");
  private static final Path INTERPRETATION = Path.of("../docs/interpretation.md");
  private static final Pattern BLOCK =
      Pattern.compile("<!-- (\\S+) -->\n(.*?)<!-- end -->", Pattern.DOTALL);

  @Test
  void pageSaysWhatTheCatalogueSays() throws IOException {
    String page = Files.readString(PAGE);
    List<String> blocks = new ArrayList<>();
    String expected =
        BLOCK
            .matcher(page)
            .replaceAll(
                block -> {
                  blocks.add(block.group(1));
                  return Matcher.quoteReplacement(
                      "<!-- " + block.group(1) + " -->\n" + text(block.group(1)) + "<!-- end -->");
                });
    if ("write".equals(System.getProperty("tip.docs"))) {
      Files.writeString(PAGE, expected);
      return;
    }

    assertThat(page).isEqualTo(expected);
    assertThat(blocks).hasSize(Catalogue.ENTRIES.size() + 1).startsWith("overview");
  }

  @Test
  void everyFeedHasPartOfItsOwn() throws IOException {
    String page = Files.readString(PAGE);

    for (Entry entry : Catalogue.ENTRIES) {
      assertThat(page).contains("\n### " + entry.id() + "\n\n<!-- " + entry.id() + " -->\n");
    }
  }

  @Test
  void interpretationNamesEveryFeed() throws IOException {
    String page = Files.readString(INTERPRETATION);

    assertThat(Catalogue.ENTRIES).allSatisfy(entry -> assertThat(page).contains(entry.id()));
  }

  private static String text(String block) {
    return block.equals("overview")
        ? overview()
        : facts(
            Catalogue.ENTRIES.stream()
                .filter(entry -> entry.id().equals(block))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no feed is called " + block)));
  }

  private static String overview() {
    StringBuilder table = new StringBuilder("| feed | publisher | types | role | key | status |\n");
    table.append("|---|---|---|---|---|---|\n");
    for (Entry entry : Catalogue.ENTRIES) {
      FeedInfo info = entry.info();
      table.append(
          String.join(
              " | ",
              "| [" + info.id() + "](#" + info.id() + ")",
              info.provider(),
              types(info),
              word(info.role()),
              word(info.auth()),
              word(info.status()) + " |\n"));
    }
    return table.toString();
  }

  private static String facts(Entry entry) {
    FeedInfo info = entry.info();
    List<String> rows = new ArrayList<>();
    rows.add("list | " + info.description().orElseThrow());
    rows.add("publisher | " + info.provider() + ", <" + info.reference() + ">");
    rows.add("address | `" + entry.location() + "`");
    rows.add("types | " + types(info));
    rows.add("role | " + word(info.role()));
    rows.add("confidence | " + info.confidence().ecsValue() + ": " + entry.confidenceReason());
    rows.add("marking | " + info.tlp().ecsValue());
    rows.add(
        "coverage | "
            + word(info.coverage())
            + info.timeToLive().map(d -> ", lives " + duration(d)).orElse(", no end"));
    rows.add("interval | at least " + duration(info.minInterval()));
    rows.add(
        "key | "
            + word(info.auth())
            + info.secretName().map(name -> ", `" + name + "`").orElse(""));
    rows.add("terms | " + terms(info.terms()));
    rows.add("contract | " + contract(info.contract()));
    rows.add(
        "status | "
            + word(info.status())
            + info.statusSince().map(date -> " since " + date).orElse("")
            + info.statusNote().map(note -> ": " + note).orElse(""));
    return "| | |\n|---|---|\n"
        + rows.stream().map(row -> "| " + row + " |\n").collect(Collectors.joining());
  }

  private static String terms(Terms terms) {
    return terms.summary()
        + ", <"
        + terms.reference()
        + ">; commercial use: "
        + (terms.commercialUse() ? "yes" : "no")
        + "; passing on: "
        + (terms.redistribution() ? "yes" : "no")
        + (terms.credit() == null ? "" : "; credit: " + terms.credit());
  }

  private static String contract(ContentContract contract) {
    List<String> clauses = new ArrayList<>();
    contract.marker().ifPresent(marker -> clauses.add("has `" + marker + "` near its begin"));
    if (contract.declaresRecords()) {
      clauses.add("states its number of records");
    }
    clauses.add(contract.mayBeEmpty() ? "may be empty" : "has a record");
    clauses.add("at most " + Math.round(100 * contract.maxRejectedShare()) + " % rejected");
    return String.join("; ", clauses);
  }

  private static String types(FeedInfo info) {
    return info.types().stream()
        .map(CyberObservable.Type::stixName)
        .collect(Collectors.joining(", "));
  }

  private static String duration(Duration duration) {
    if (duration.toHours() > 48) {
      return duration.toDays() + " days";
    }
    return duration.toHours() > 0 ? duration.toHours() + " h" : duration.toMinutes() + " min";
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
