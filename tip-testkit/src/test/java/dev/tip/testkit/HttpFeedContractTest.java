// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import dev.tip.feed.Feed;
import java.net.URI;
import java.util.List;

class HttpFeedContractTest extends FeedContract {
  @Override
  protected Feed feedAt(URI address) {
    return Names.feed(Names.keyed(), address).secretHeader("Auth-Key").build();
  }

  @Override
  protected List<String> goodRecords() {
    return Names.RECORDS;
  }

  @Override
  protected String badRecord() {
    return Names.BAD;
  }

  @Override
  protected String preamble() {
    return Names.PREAMBLE;
  }
}
