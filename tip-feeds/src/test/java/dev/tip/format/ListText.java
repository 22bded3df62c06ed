// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Bytes that lists may be made of, and what lines they are. */
final class ListText {
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private ListText() {}

  /** Bytes of which most mean something to one parser or another, and some are no UTF-8. */
  static Arbitrary<byte[]> bytes() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "\n",
            "\r",
            "\r\n",
            ",",
            ", ",
            ";",
            " ",
            "\t",
            "#",
            "# ",
            "\"",
            "\"\"",
            "\\",
            "a",
            "b",
            "192.0.2.1",
            "bad.example",
            "None",
            "n/a",
            "x,y",
            "{",
            "}",
            "[",
            "]",
            ":",
            "{\"a\":",
            "{\"a\":\"b\",\"c\":1}",
            "null",
            "true",
            "0.0.0.0 ",
            "127.0.0.1\t",
            "||",
            "^",
            "@@",
            "$",
            "address=/",
            "/",
            "CNAME ",
            "*.",
            ".",
            "(",
            ")",
            "$ORIGIN ",
            ".rpz-ip ",
            "zz",
            "SOA ",
            "-1",
            "1e9",
            "\\u0000",
            "\"data\":[",
            "ü",
            "\u0000",
            "\u001b",
            "\u2028",
            "\ufeff",
            "# a,b,c",
            "# Number of entries: 2",
            "# Last updated: 2026-05-17 22:17:15 (UTC)",
            "\u00ff",
            "\u00c0",
            "\u00fe\u00ff");
    Arbitrary<byte[]> part =
        Arbitraries.frequencyOf(
            Tuple.of(9, parts.map(ListText::mostlyUtf8)),
            Tuple.of(1, Arbitraries.bytes().array(byte[].class).ofMaxSize(3)));
    return part.list().ofMaxSize(40).map(ListText::join);
  }

  /** What stands below U+0100 and is not ASCII becomes one byte, which is no UTF-8, but ü. */
  private static byte[] mostlyUtf8(String text) {
    boolean bytes = text.chars().anyMatch(c -> c > 0x7f && c < 0x100 && c != 'ü');
    return text.getBytes(bytes ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }

  static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  /** Returns the lines of a list, without its byte order mark and without their ends. */
  static List<byte[]> lines(byte[] body) {
    List<byte[]> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean marked =
        body.length >= 3 && body[0] == MARK[0] && body[1] == MARK[1] && body[2] == MARK[2];
    boolean open = false;
    for (int i = marked ? 3 : 0; i < body.length; i++) {
      if (body[i] == '\n' || body[i] == '\r') {
        lines.add(line.toByteArray());
        line.reset();
        open = false;
        if (body[i] == '\r' && i + 1 < body.length && body[i + 1] == '\n') {
          i++;
        }
      } else {
        line.write(body[i]);
        open = true;
      }
    }
    if (open) {
      lines.add(line.toByteArray());
    }
    return lines;
  }

  /** Returns a line without the white space around it. */
  static String strip(byte[] line) {
    return new String(line, StandardCharsets.UTF_8)
        .replaceAll("^[ \t\f\u000b]+|[ \t\f\u000b]+\\z", "");
  }
}
