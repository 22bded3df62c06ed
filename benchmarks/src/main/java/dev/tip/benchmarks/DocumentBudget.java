// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.format.MispEvents;
import dev.tip.format.OpenIoc;
import dev.tip.format.OtxPulses;
import dev.tip.format.StixObjects;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;

/** How fast documents become indicators: STIX, MISP, OTX, OpenIOC. */
final class DocumentBudget {
  private static final int ELEMENTS = 100_000;
  private static final int RUNS = 9;

  private DocumentBudget() {}

  static void run() throws IOException {
    measure(
        "STIX 2.1 bundle",
        StixObjects.indicators(),
        "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[",
        i ->
            "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--"
                + i
                + "\",\"created\":\"2026-08-22T02:53:35.000Z\",\"modified\":\"2026-08-22T02:53:35.000Z\","
                + "\"valid_from\":\"2026-08-22T02:53:35.000Z\",\"name\":\"host\",\"indicator_types\":[\"malicious-activity\"],"
                + "\"pattern\":\"[domain-name:value = 'host"
                + i
                + ".bad.example']\",\"pattern_type\":\"stix\",\"labels\":[\"phishing\"]}",
        ",",
        "]}");
    measure(
        "MISP event",
        MispEvents.of(),
        "{\"Event\":{\"uuid\":\"e\",\"info\":\"x\",\"Orgc\":{\"name\":\"o\"},\"Tag\":[{\"name\":\"tlp:clear\"}],\"Attribute\":[",
        i ->
            "{\"uuid\":\"73c2ea06-b0d0-5d0d-866d-48d716617729\",\"type\":\"domain\",\"category\":\"Network activity\","
                + "\"to_ids\":true,\"value\":\"host"
                + i
                + ".bad.example\",\"comment\":\"\",\"timestamp\":\"1767229207\",\"distribution\":\"5\"}",
        ",",
        "]}}");
    measure(
        "OTX pulse",
        OtxPulses.of(),
        "{\"results\":[{\"id\":\"1\",\"name\":\"n\",\"tags\":[\"a\"],\"indicators\":[",
        i ->
            "{\"id\":"
                + i
                + ",\"indicator\":\"host"
                + i
                + ".bad.example\",\"type\":\"hostname\",\"created\":\"2026-11-02T05:05:15\",\"content\":\"\",\"title\":\"\","
                + "\"description\":\"\",\"expiration\":null,\"is_active\":1,\"role\":null}",
        ",",
        "]}],\"next\":null}");
    measure(
        "OpenIOC",
        OpenIoc.of(),
        "<ioc id=\"i\"><definition><Indicator operator=\"OR\">",
        i ->
            "<IndicatorItem id=\"i\" condition=\"is\"><Context document=\"Network\" search=\"Network/DNS\" type=\"mir\"/>"
                + "<Content type=\"string\">host"
                + i
                + ".bad.example</Content></IndicatorItem>",
        "\n",
        "</Indicator></definition></ioc>");
  }

  private static void measure(
      String name,
      FeedParser parser,
      String before,
      IntFunction<String> element,
      String between,
      String after)
      throws IOException {
    StringBuilder text = new StringBuilder(before);
    for (int i = 0; i < ELEMENTS; i++) {
      text.append(i == 0 ? "" : between).append(element.apply(i));
    }
    byte[] document = text.append(after).toString().getBytes(StandardCharsets.UTF_8);
    FeedInfo feed =
        Objects.requireNonNull(Feeds.installed(FeedSettings.defaults()).get("circl-osint")).info();
    double[] seconds = new double[RUNS];
    for (int run = -2; run < RUNS; run++) {
      long start = System.nanoTime();
      Iterator<FeedEntry> entries =
          parser.parse(new FeedBody(new ByteArrayInputStream(document), "x", null), feed);
      int accepted = 0;
      while (entries.hasNext()) {
        accepted += entries.next() instanceof FeedEntry.Accepted ? 1 : 0;
      }
      if (accepted != ELEMENTS) {
        throw new IllegalStateException(accepted + " of " + ELEMENTS + " were accepted");
      }
      if (run >= 0) {
        seconds[run] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    double median = seconds[RUNS / 2];
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  %s: %,.0f indicators/s, %,.0f MB/s (median of %d, fastest %,.0f, slowest %,.0f)",
            name,
            ELEMENTS / median,
            document.length / median / 1e6,
            RUNS,
            ELEMENTS / seconds[0],
            ELEMENTS / seconds[RUNS - 1]));
  }
}
