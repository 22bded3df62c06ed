// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tip.CyberObservable;
import dev.tip.format.Lines.Syntax;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSyntaxTest {

  @Test
  void hostsFileHasNamesBehindAnAddressThatLeadsNowhere() {
    Read read =
        read(
            Syntax.HOSTS,
            "# abuse.ch URLhaus Host file",
            "127.0.0.1\tbad.example",
            "0.0.0.0 a.bad.example b.bad.example # note",
            "::1 six.example",
            "::\tseven.example#note",
            "255.255.255.255 eight.example",
            "0 nine.example",
            "0.0.0.0 192.0.2.7");

    assertThat(read.values)
        .containsExactly(
            "2 bad.example",
            "3 a.bad.example",
            "3 b.bad.example",
            "4 six.example",
            "5 seven.example",
            "6 eight.example",
            "7 nine.example",
            "8 192.0.2.7");
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void namesOfTheMachineItselfAreNoRecords() {
    Read read =
        read(
            Syntax.HOSTS,
            "127.0.0.1 localhost",
            "127.0.0.1 LocalHost.localdomain",
            "255.255.255.255 broadcasthost",
            "::1 ip6-localhost ip6-loopback",
            "fe80::1%lo0 localhost",
            "ff02::1 ip6-allnodes",
            "0.0.0.0 0.0.0.0");

    assertThat(read.values).isEmpty();
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void addressOfAHostsFileIsNeverAValue() {
    Read read =
        read(Syntax.HOSTS, "192.0.2.1 bad.example", "bad.example", "0.0.0.0", "0.0.0.0 # bad");

    assertThat(read.values).isEmpty();
    assertThat(read.rejected)
        .containsExactly("1 hosts-address", "2 hosts-syntax", "3 hosts-syntax", "4 hosts-syntax");
  }

  @Test
  void adblockRuleAboutAWholeHostIsItsHost() {
    Read read =
        read(
            Syntax.ADBLOCK,
            "[Adblock Plus 2.0]",
            "! Title: a list",
            "# also a comment",
            "||bad.example^",
            "||192.0.2.7^$all",
            "||worse.example^$document,third-party,important");

    assertThat(read.values).containsExactly("4 bad.example", "5 192.0.2.7", "6 worse.example");
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void otherAdblockRulesAreRejected() {
    Read read =
        read(
            Syntax.ADBLOCK,
            "@@||good.example^",
            "||bad.example^path",
            "||bad.example/path^",
            "||*.bad.example^",
            "||bad.example",
            "||^",
            "||",
            "|",
            "/ads[0-9]/",
            "bad.example##.ad",
            "||bad.example^$domain=other.example",
            "||bad.example^$",
            "||bad.example^$all,");

    assertThat(read.values).isEmpty();
    assertThat(read.rejected).hasSize(13).startsWith("1 rule-allows");
    assertThat(read.rejected.subList(1, 13)).allMatch(r -> r.endsWith(" rule-unsupported"));
  }

  @Test
  void dnsmasqNamesThatAreAnsweredWithNothing() {
    Read read =
        read(
            Syntax.DNSMASQ,
            "# comment",
            "address=/bad.example/0.0.0.0",
            "address=/six.example/::",
            "address=/none.example/",
            "address=/any.example/#",
            "local=/local.example/",
            "server=/server.example/",
            "address=/one.example/two.example/127.0.0.1",
            "address=/.dot.example/0.0.0.0 # note",
            "address=/*.star.example/0.0.0.0");

    assertThat(read.values)
        .containsExactly(
            "2 bad.example",
            "3 six.example",
            "4 none.example",
            "5 any.example",
            "6 local.example",
            "7 server.example",
            "8 one.example",
            "8 two.example",
            "9 dot.example",
            "10 star.example");
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void otherDnsmasqLinesAreRejected() {
    Read read =
        read(
            Syntax.DNSMASQ,
            "address=/intranet.example/192.0.2.1",
            "server=/intranet.example/192.0.2.1",
            "server=/good.example/#",
            "cache-size=1000",
            "address=/",
            "address=//0.0.0.0",
            "address=/#/0.0.0.0",
            "address=bad.example",
            "server=8.8.8.8");

    assertThat(read.values).isEmpty();
    assertThat(read.rejected).hasSize(9).contains("3 rule-allows");
  }

  @Test
  void zoneHasNamesThatAreAnsweredWithNothing() {
    Read read =
        read(
            Syntax.RPZ,
            "$TTL 30",
            "@ IN SOA rpz.example. hostmaster.rpz.example. 2611200001 86400 3600 604800 30",
            "  IN NS localhost.",
            "; a comment",
            "bad.example CNAME .",
            "*.bad.example CNAME .",
            "worse.example 300 IN CNAME *. ; note",
            "drop.example in 1h cname RPZ-DROP.",
            "*.tcp.example CNAME rpz-tcp-only.",
            "Sink.Example A 127.0.0.1",
            "  AAAA ::1");

    assertThat(read.values)
        .containsExactly(
            "5 bad.example",
            "7 worse.example",
            "8 drop.example",
            "9 tcp.example",
            "10 Sink.Example");
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void headOfAZoneMayHoldLines() {
    Read read =
        read(
            Syntax.RPZ,
            "@ IN SOA localhost. root.localhost. (",
            "  1787422219 ; serial (of a day)",
            "  43200",
            "  300 )",
            "@ IN NS localhost.",
            "@ IN TXT \"a ( text; of \" \"more than\" six words of it",
            "bad.example CNAME .");

    assertThat(read.values).containsExactly("7 bad.example");
    assertThat(read.rejected).isEmpty();
  }

  @Test
  void addressesOfAZoneAreReversed() {
    Read read =
        read(
            Syntax.RPZ,
            "24.0.2.0.192.rpz-ip CNAME .",
            "32.7.113.0.203.rpz-ip CNAME .",
            "48.zz.1.db8.2001.rpz-ip CNAME .",
            "128.1.zz.db8.2001.rpz-ip CNAME .",
            "128.1.zz.rpz-ip CNAME .",
            "128.8.7.6.5.4.3.db8.2001.rpz-ip CNAME .");

    assertThat(read.values)
        .containsExactly(
            "1 192.0.2.0/24",
            "2 203.0.113.7/32",
            "3 2001:db8:1::/48",
            "4 2001:db8::1/128",
            "5 ::1/128",
            "6 2001:db8:3:4:5:6:7:8/128");
  }

  @Test
  void whatAZoneAllowsOrAnswersOtherwiseIsNoValue() {
    Read read =
        read(
            Syntax.RPZ,
            "good.example CNAME rpz-passthru.",
            "*.good.example CNAME .",
            "old.example CNAME old.example.",
            "garden.example CNAME walled.example.net.",
            "real.example A 192.0.2.1",
            "text.example TXT \"bad\"",
            "32.1.2.0.192.rpz-client-ip CNAME .",
            "ns.example.rpz-nsdname CNAME .",
            "bad.example",
            "bad.example CNAME",
            "$INCLUDE other.zone",
            "1.2.rpz-ip CNAME .",
            "absolute.example. CNAME .");

    assertThat(read.values).isEmpty();
    assertThat(read.rejected)
        .containsExactly(
            "1 rule-allows",
            "2 rule-allows",
            "3 rule-allows",
            "4 rule-unsupported",
            "5 rule-unsupported",
            "6 rule-unsupported",
            "7 rpz-trigger",
            "8 rpz-trigger",
            "9 rpz-syntax",
            "10 rpz-syntax",
            "11 rpz-directive",
            "12 rpz-syntax",
            "13 rpz-zone");
  }

  @Test
  void absoluteNamesAreOfTheZoneThatIsNamed() {
    Read read =
        read(
            Syntax.RPZ,
            "$ORIGIN rpz.example.",
            "@ SOA localhost. root.localhost. 1 2 3 4 5",
            "one.example.rpz.example. CNAME .",
            "two.example CNAME .",
            "rpz.example. NS localhost.",
            "$ORIGIN example.rpz.example.",
            "three CNAME .",
            "$ORIGIN sub",
            "four CNAME .",
            "$ORIGIN elsewhere.example.net.",
            "five CNAME .",
            "six.example.net. CNAME .",
            "$ORIGIN rpz.example.",
            "seven.example CNAME .");

    assertThat(read.values)
        .containsExactly(
            "3 one.example",
            "4 two.example",
            "7 three.example",
            "9 four.sub.example",
            "14 seven.example");
    assertThat(read.rejected).containsExactly("11 rpz-zone", "12 rpz-zone");
  }

  @Test
  void wildcardIsTheNameBelowIt() {
    Read read = read(Syntax.WILDCARDS, "*.bad.example", "worse.example", "*.", "*.*.bad.example");

    assertThat(read.values).containsExactly("1 bad.example", "2 worse.example");
    assertThat(read.rejected).containsExactly("3 rule-unsupported", "4 rule-unsupported");
  }

  @Test
  void bannerIsSkippedWhateverItStartsWith() {
    Lines parser =
        Lines.builder()
            .banner(3)
            .build(line -> line.indicator(CyberObservable.mutex(line.value())));

    assertThat(
            Reading.of(parser, "<pre>\nVX Vault\nMon, 17 Aug\n\nhttp://bad.example/x").positions())
        .containsExactly(5L);
    assertThatIllegalArgumentException().isThrownBy(() -> Lines.builder().banner(-1));
  }

  private record Read(List<String> values, List<String> rejected) {}

  private static Read read(Syntax syntax, String... lines) {
    List<String> values = new ArrayList<>();
    Lines parser =
        Lines.builder()
            .syntax(syntax)
            .build(
                line -> {
                  values.add(line.position() + " " + line.value());
                  return line.indicator(CyberObservable.mutex(line.value()));
                });
    Reading reading = Reading.of(parser, String.join("\n", lines));
    assertThat(reading.clause()).isNull();
    return new Read(values, reading.rejections());
  }
}
