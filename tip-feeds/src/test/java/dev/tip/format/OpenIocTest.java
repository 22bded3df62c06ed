// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenIocTest {
  private static final String MD5 = "0123456789abcdef".repeat(2);

  @ParameterizedTest
  @CsvSource({
    "FileItem/Md5sum, is, %, file %",
    "TaskItem/md5sum, is, %, file %",
    "FileItem/FileName, is, a.exe, file name:a.exe",
    "PortItem/remoteIP, is, 192.0.2.1, ipv4-addr 192.0.2.1",
    "Network/DNS, contains, c2.bad.example, domain-name c2.bad.example",
    "Network/URI, contains, bad.example, domain-name bad.example",
    "UrlHistoryItem/URL, is, http://bad.example/x, url http://bad.example/x",
    "RegistryItem/Path, is, HKLM\\Software\\Bad, windows-registry-key HKEY_LOCAL_MACHINE\\Software\\Bad",
    "Email/From, is, a@bad.example, email-addr a@bad.example",
    "FileItem/FileName, contains, a.exe, openioc-condition",
    "FileItem/Md5sum, isnot, %, openioc-condition",
    "ServiceItem/name, is, x, openioc-term",
    "FileItem/Md5sum, is, x, hash-length",
  })
  void itemStates(String search, String condition, String content, String expected) {
    assertThat(read(or(item(search, condition, content.replace("%", MD5)))))
        .containsExactly(expected.replace("%", MD5));
  }

  @Test
  void onlyWhatAloneIsEnoughIsStated() {
    String a = item("Network/DNS", "is", "a.example");
    String b = item("Network/DNS", "is", "b.example");
    String c = item("Network/DNS", "is", "c.example");

    assertThat(read(or(a + and(b + c))))
        .containsExactly("domain-name a.example", "openioc-and", "openioc-and");
    assertThat(read(and(a))).containsExactly("domain-name a.example");
    assertThat(read(and(a + or(b + c))))
        .containsExactly("openioc-and", "openioc-and", "openioc-and");
    assertThat(
            read(
                or(and(item("FileItem/Md5sum", "is", MD5) + item("FileItem/FileName", "is", "x")))))
        .containsExactly("file " + MD5);
    assertThat(
            read(
                and(
                    item("FileItem/SizeInBytes", "is", "7")
                        + item("FileItem/FileName", "is", "x"))))
        .containsExactly("openioc-and", "openioc-and");
  }

  @Test
  void version11IsReadToo() {
    String document =
        "\ufeff<?xml version=\"1.0\"?><OpenIOC xmlns=\"http://openioc.org/schemas/OpenIOC_1.1\" id=\"i\"><metadata><short_description>n</short_description></metadata><criteria>"
            + or(
                "<IndicatorItem condition=\"is\" negate=\"true\"><Context search=\"Network/DNS\"/><Content>a.example</Content></IndicatorItem>"
                    + item("Network/DNS", "is", "b.example"))
            + "</criteria></OpenIOC>";

    assertThat(found(Reading.of(OpenIoc.of(), document)))
        .containsExactly("openioc-condition", "domain-name b.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE ioc [<!ENTITY a \"b\">]><ioc><definition>&a;</definition></ioc>",
        "<!DOCTYPE ioc SYSTEM \"file:///etc/passwd\"><ioc/>",
        "<!DOCTYPE ioc [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ioc><short_description>&x;</short_description></ioc>",
        "<ioc><short_description>&x;</short_description></ioc>",
        "<ioc><definition>",
        "<ioc",
        "ioc",
      })
  void documentTypesEntitiesAndDamageBreakTheContract(String document) {
    assertThat(Reading.of(OpenIoc.of(), document).clause()).isEqualTo("xml-syntax");
  }

  @Test
  void anotherDocumentIsRefused() {
    assertThat(Reading.of(OpenIoc.of(), "<stix/>").clause()).isEqualTo("openioc");
  }

  @Test
  void depthIsLimited() {
    assertThat(
            Reading.of(OpenIoc.of(), "<ioc>" + "<Indicator operator=\"OR\">".repeat(100)).clause())
        .isEqualTo("too-large");
  }

  private static String item(String search, String condition, String content) {
    return "<IndicatorItem condition=\""
        + condition
        + "\"><Context document=\"x\" search=\""
        + search
        + "\" type=\"mir\"/><Content type=\"string\">"
        + content
        + "</Content></IndicatorItem>";
  }

  private static String or(String parts) {
    return "<Indicator operator=\"OR\">" + parts + "</Indicator>";
  }

  private static String and(String parts) {
    return "<Indicator operator=\"AND\">" + parts + "</Indicator>";
  }

  private static List<String> read(String indicator) {
    return found(
        Reading.of(
            OpenIoc.of(),
            "<?xml version=\"1.0\" encoding=\"us-ascii\"?><ioc xmlns=\"http://schemas.mandiant.com/2010/ioc\" id=\"i\"><short_description>n</short_description><definition>"
                + indicator
                + "</definition></ioc>"));
  }

  private static List<String> found(Reading reading) {
    assertThat(reading.clause()).isNull();
    List<String> found = new ArrayList<>();
    for (FeedEntry entry : reading.entries()) {
      found.add(
          entry instanceof FeedEntry.Accepted accepted
              ? accepted.indicator().observable().toString()
              : ((FeedEntry.Rejected) entry).reason());
    }
    return found;
  }
}
