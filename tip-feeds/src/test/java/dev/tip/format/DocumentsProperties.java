// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedParser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for all formats that are documents with a structure of their own. */
class DocumentsProperties {

  /** A format, a good document of it, and words that it knows. */
  record Format(FeedParser parser, String document, List<String> clauses, List<String> words) {
    @Override
    public String toString() {
      return parser.getClass().getSimpleName();
    }
  }

  static final Format STIX =
      new Format(
          StixObjects.indicatorsAndObservables(),
          """
          {"type":"bundle","id":"bundle--1","objects":[
           {"type":"identity","id":"identity--1","name":"Example"},
           {"type":"indicator","id":"indicator--1","created_by_ref":"identity--1","confidence":70,
            "pattern":"[file:hashes.MD5 = '0123456789abcdef0123456789abcdef' OR url:value = 'http://bad.example/']",
            "pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","labels":["x"],
            "external_references":[{"url":"https://ref.example/"}],"object_marking_refs":["m--1"]},
           {"type":"marking-definition","id":"m--1","definition":{"tlp":"green"}},
           {"type":"file","hashes":{"MD5":"0123456789abcdef0123456789abcdef"}},
           {"type":"indicator","revoked":true,"pattern":"[ipv4-addr:value IN ('192.0.2.1','192.0.2.2')]"}]}
          """,
          List.of("json-syntax", "json-path", "encoding"),
          List.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\",
              "null",
              "true",
              "1",
              "-",
              "\"type\":",
              "\"indicator\"",
              "\"pattern\":",
              "\"[ipv4-addr:value='192.0.2.1']\"",
              "\"objects\":[",
              "\"hashes\":{",
              "\"labels\":[",
              "\"more\":true",
              "\"definition\":{\"tlp\":\"red\"}"));

  static final Format MISP =
      new Format(
          MispEvents.of(),
          """
          {"response":[{"Event":{"info":"x","uuid":"u","Orgc":{"name":"o"},"Attribute":[
           {"type":"ip-dst|port","value":"192.0.2.1|80","to_ids":true,"timestamp":"1790000000"},
           {"type":"domain|ip","value":"bad.example|192.0.2.1","to_ids":"1","Tag":[{"name":"tlp:red"}]},
           {"type":"filename|md5","value":"a|0123456789abcdef0123456789abcdef","deleted":true}],
           "Object":[{"name":"file","Attribute":[{"type":"domain","value":"b.example","to_ids":true}],
           "deleted":true}],"Tag":[{"name":"tlp:green"}]}},{"Event":{"Attribute":[
           {"type":"url","value":"http://bad.example/","category":"Network activity"}]}}]}
          """,
          List.of("json-syntax", "json-path", "encoding"),
          List.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\",
              "null",
              "true",
              "1",
              "-",
              "|",
              "\"Event\":{",
              "\"Attribute\":[",
              "\"Object\":[",
              "\"to_ids\":true",
              "\"type\":",
              "\"deleted\":true",
              "\"Tag\":[{\"name\":\"tlp:red\"}]"));

  static final Format OTX =
      new Format(
          OtxPulses.of(),
          """
          {"results":[{"id":"1","name":"n","modified":"2026-01-01T00:00:00","tags":["a"],"indicators":[
           {"id":1,"indicator":"192.0.2.1","type":"IPv4","is_active":1,"created":"2026-01-01T00:00:00"},
           {"indicator":"CVE-2026-0001","type":"CVE"},{"indicator":"a.example","type":"domain"}],
           "malware_families":[{"display_name":"X"}],"tlp":"white","more_indicators":true}],
           "count":1,"next":"https://otx.example/2"}
          """,
          List.of("json-syntax", "json-path", "encoding"),
          List.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\",
              "null",
              "true",
              "1",
              "-",
              "\"results\":[",
              "\"indicators\":[",
              "\"type\":\"URL\"",
              "\"next\":",
              "\"is_active\":0"));

  static final Format OPENIOC =
      new Format(
          OpenIoc.of(),
          """
          <?xml version="1.0"?><ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="i">
          <short_description>n</short_description><definition><Indicator operator="OR">
          <IndicatorItem condition="is"><Context search="Network/DNS"/><Content type="string">a.example</Content></IndicatorItem>
          <Indicator operator="AND"><IndicatorItem condition="is"><Context search="FileItem/Md5sum"/><Content>0123456789abcdef0123456789abcdef</Content></IndicatorItem>
          <IndicatorItem condition="is"><Context search="FileItem/FileName"/><Content>x.exe</Content></IndicatorItem></Indicator>
          </Indicator></definition></ioc>
          """,
          List.of("xml-syntax", "openioc", "too-large", "encoding"),
          List.of(
              "<",
              ">",
              "/>",
              "&",
              "&amp;",
              "&x;",
              "<![CDATA[",
              "]]>",
              "<!--",
              "-->",
              "<?x?>",
              "\"",
              "<!DOCTYPE ioc [<!ENTITY x 'y'>]>",
              "<Indicator operator=\"AND\">",
              "</Indicator>",
              "<IndicatorItem>",
              "<Content>",
              "</Content>",
              "<Context/>"));

  static final List<Format> FORMATS = List.of(STIX, MISP, OTX, OPENIOC);

  @Provide
  Arbitrary<Format> formats() {
    return Arbitraries.of(FORMATS);
  }

  /** A document with a few places damaged. */
  record Damaged(Format format, byte[] body) {
    @Override
    public String toString() {
      return format + ": " + new String(body, StandardCharsets.UTF_8);
    }
  }

  @Provide
  Arbitrary<Damaged> damaged() {
    return Combinators.combine(
            formats(), Arbitraries.longs(), Arbitraries.integers().between(0, 12))
        .as((format, seed, changes) -> new Damaged(format, damage(format, seed, changes)));
  }

  static byte[] damage(Format format, long seed, int changes) {
    Random random = new Random(seed);
    byte[] body = format.document().getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(body.length + 1);
      int end = Math.min(body.length, at + random.nextInt(4) * random.nextInt(20));
      byte[] in =
          switch (random.nextInt(3)) {
            case 0 -> new byte[] {(byte) random.nextInt(256)};
            case 1 -> new byte[0];
            default ->
                format
                    .words()
                    .get(random.nextInt(format.words().size()))
                    .getBytes(StandardCharsets.UTF_8);
          };
      byte[] changed = Arrays.copyOf(body, body.length - (end - at) + in.length);
      System.arraycopy(in, 0, changed, at, in.length);
      System.arraycopy(body, end, changed, at + in.length, body.length - end);
      body = changed;
    }
    return body;
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void anyBytesEndInEntriesOrBrokenContract(@ForAll("damaged") Damaged damaged) {
    Reading reading = Reading.of(damaged.format().parser(), damaged.body());

    if (reading.clause() != null) {
      assertThat(damaged.format().clauses()).contains(reading.clause());
    }
    assertThat(reading.positions()).isSorted();
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void sizeOfChunksChangesNothing(
      @ForAll("damaged") Damaged damaged, @ForAll @IntRange(min = 1, max = 9) int chunk) {
    FeedParser parser = damaged.format().parser();

    assertThat(Reading.of(parser, damaged.body(), chunk, FeedBody.DEFAULT_MAX_LINE_LENGTH))
        .isEqualTo(Reading.of(parser, damaged.body()));
  }

  /** A good document gives entries, and a cut one never looks whole. */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void aCutDocumentBreaksTheContract(
      @ForAll("formats") Format format, @ForAll @IntRange(min = 0, max = 100_000) int cut) {
    String document = format.document().strip();
    assertThat(Reading.of(format.parser(), document).clause()).isNull();
    assertThat(Reading.of(format.parser(), document).entries()).isNotEmpty();

    String begin = document.substring(0, 1 + cut % (document.length() - 1));

    assertThat(Reading.of(format.parser(), begin).clause()).isIn(format.clauses());
  }
}
