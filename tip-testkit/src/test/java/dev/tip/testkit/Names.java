// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A feed of host names, one a line, comments with a number sign. */
final class Names {
  static final URI PAGE = URI.create("https://feed.example/about");
  static final List<String> RECORDS =
      IntStream.range(0, 12).mapToObj(i -> "c2-" + (97 * i % 13) + ".example").toList();
  static final String BAD = "not a host name";
  static final String PREAMBLE = "# names of the example\n#\n";

  private Names() {}

  static FeedInfo.Builder info() {
    return info("example-names");
  }

  static FeedInfo.Builder info(String id) {
    return FeedInfo.builder(id)
        .provider("Example")
        .reference(PAGE)
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .confidence(Confidence.HIGH)
        .types(CyberObservable.Type.DOMAIN_NAME)
        .terms(new Terms("free to use", PAGE, true, true, null));
  }

  static FeedInfo.Builder keyed() {
    return info().auth(FeedInfo.Auth.KEY, "example.key");
  }

  static HttpFeed.Builder feed(FeedInfo.Builder info, URI address) {
    return HttpFeed.builder(info.build())
        .location(address.toString())
        .plainHttp()
        .parser(Names::parse);
  }

  static String body(List<String> records) {
    return PREAMBLE + String.join("\n", records) + "\n";
  }

  static Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(body.stream(), StandardCharsets.UTF_8));
    return new Iterator<>() {
      private long position;
      private @Nullable String line;

      @Override
      public boolean hasNext() {
        try {
          while (line == null) {
            String read = lines.readLine();
            if (read == null) {
              return false;
            }
            position++;
            if (position == 1 && read.startsWith("\uFEFF")) {
              read = read.substring(1);
            }
            line = read.isBlank() || read.startsWith("#") ? null : read;
          }
          return true;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public FeedEntry next() {
        if (!hasNext() || line == null) {
          throw new NoSuchElementException();
        }
        String text = line;
        line = null;
        try {
          return new FeedEntry.Accepted(
              position, Indicator.builder(CyberObservable.domainName(text), feed).build());
        } catch (InvalidIndicatorException e) {
          return new FeedEntry.Rejected(position, text, e.reason());
        }
      }
    };
  }
}
