// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A feed that is one HTTP resource. Immutable and thread-safe. */
public final class HttpFeed implements Feed {
  private HttpFeed() {}

  /** Returns a builder. */
  public static Builder builder(FeedInfo info) {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public FeedInfo info() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the address without secrets. */
  public String location() {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public FetchResult fetch(FetchContext context, @Nullable FetchState last)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException("pending");
  }

  /** Collects a feed. Not thread-safe. */
  public static final class Builder {
    private Builder() {}

    /** Sets the address; required. */
    public Builder location(String location) {
      throw new UnsupportedOperationException("pending");
    }

    /** Sets an address with <code>{secret}</code> in it that is used when the secret is configured. */
    public Builder keyedLocation(String template) {
      throw new UnsupportedOperationException("pending");
    }

    /** Adds a request header. */
    public Builder header(String name, String value) {
      throw new UnsupportedOperationException("pending");
    }

    /** Sends the feed's secret in this header when it is configured. */
    public Builder secretHeader(String name) {
      throw new UnsupportedOperationException("pending");
    }

    /** Says that the body is a zip archive of which these members are read. */
    public Builder members(Predicate<String> members) {
      throw new UnsupportedOperationException("pending");
    }

    /** Allows an address with plain http; default: refused. */
    public Builder plainHttp() {
      throw new UnsupportedOperationException("pending");
    }

    /** Sets the parser; required. */
    public Builder parser(FeedParser parser) {
      throw new UnsupportedOperationException("pending");
    }

    /** Builds the feed. */
    public HttpFeed build() {
      throw new UnsupportedOperationException("pending");
    }
  }
}
