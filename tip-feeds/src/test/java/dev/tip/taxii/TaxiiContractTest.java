// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import dev.tip.CyberObservable.Type;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.testkit.FeedContract;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;

class TaxiiContractTest extends FeedContract {
  @Override
  protected Feed feedAt(URI address) {
    String collection = address.toString().replaceFirst("\\?.*", "");
    return new TaxiiFeeds()
        .feeds(
            FeedSettings.builder()
                .property("taxii", "example")
                .property("taxii.example.collection", collection)
                .property("taxii.example.auth", "bearer")
                .property("taxii.example.secret", "EXAMPLE_TOKEN")
                .build())
        .get(0);
  }

  @Override
  protected String path() {
    return "/api/collections/1/objects/?match%5Btype%5D=indicator,identity,marking-definition";
  }

  @Override
  protected List<String> goodRecords() {
    return IntStream.range(10, 22).mapToObj(i -> indicator("192.0.2." + i)).toList();
  }

  @Override
  protected String badRecord() {
    return indicator("192.0.2.256");
  }

  static String indicator(String address) {
    return "{\"type\":\"indicator\",\"pattern_type\":\"stix\",\"pattern\":\"["
        + Type.IPV4_ADDR.stixName()
        + ":value = '"
        + address
        + "']\"}";
  }

  @Override
  protected String preamble() {
    return "{\"more\":false,\"objects\":[\n";
  }

  @Override
  protected String separator() {
    return ",\n";
  }

  @Override
  protected String trailer(int records) {
    return "]}\n";
  }
}
