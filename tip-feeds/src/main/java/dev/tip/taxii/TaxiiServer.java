// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks a TAXII 2.1 server what it has: for whoever sets a feed up. Immutable and thread-safe.
 *
 * <p>What is not an answer of such a server is a {@link FeedException}, as for a feed.
 */
public final class TaxiiServer {
  private static final int MAX_ROOTS = 100;
  private static final int MAX_COLLECTIONS = 10_000;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(32).maxStringLength(1 << 16).build())
          .build();

  private final FeedInfo info;
  private final URI discovery;
  private final TaxiiCredentials credentials;

  /**
   * Names a server.
   *
   * @param info who is asked, on which terms, and what the secret is called
   * @param discovery the address of its discovery, {@code …/taxii2/}
   * @param credentials how the secret is sent
   */
  public TaxiiServer(FeedInfo info, URI discovery, TaxiiCredentials credentials) {
    this.info =
        info.toBuilder()
            .minInterval(Duration.ZERO)
            .contract(ContentContract.builder().mayBeEmpty().build())
            .build();
    this.discovery = Objects.requireNonNull(discovery, "discovery");
    this.credentials = Objects.requireNonNull(credentials, "credentials");
  }

  /**
   * A collection.
   *
   * @param address its address, for {@link TaxiiCollection}
   * @param id its id
   * @param title its name for people; empty if it has none
   * @param readable whether these credentials may read it
   */
  public record Collection(URI address, String id, String title, boolean readable) {}

  /**
   * Returns the addresses of the API roots, as the server lists them.
   *
   * @throws FeedException if the server does not say
   */
  public List<URI> apiRoots(FetchContext context) throws IOException, InterruptedException {
    List<URI> roots = new ArrayList<>();
    ask(
        discovery,
        context,
        json -> {
          if (json.currentToken() == JsonToken.START_ARRAY) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
              URI root =
                  json.currentToken() == JsonToken.VALUE_STRING ? resolve(json.getText()) : null;
              json.skipChildren();
              if (root != null && roots.size() < MAX_ROOTS) {
                roots.add(root);
              }
            }
          }
        },
        "api_roots");
    return List.copyOf(roots);
  }

  /**
   * Returns the collections of an API root.
   *
   * @param apiRoot one of {@link #apiRoots}; the secret goes to none of another origin than the
   *     discovery's
   * @throws FeedException if the server does not say, or the root is at another origin; whoever
   *     trusts that one names it as a server of its own
   */
  public List<Collection> collections(URI apiRoot, FetchContext context)
      throws IOException, InterruptedException {
    if (!isOfServer(apiRoot)) {
      // Discovery says where the roots are, and may be made to say anything.
      throw FeedException.contractBroken(
          info.id(),
          "origin",
          "the API root is at another origin than the discovery, so it gets no secret; if you trust"
              + " it, name it as a server of its own",
          null);
    }
    URI address = URI.create(folder(apiRoot.toString()) + "collections/");
    List<Collection> collections = new ArrayList<>();
    ask(
        address,
        context,
        json -> {
          boolean array = json.currentToken() == JsonToken.START_ARRAY;
          while (array && json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
              json.skipChildren();
              continue;
            }
            Collection collection = collection(json, address);
            if (collection != null && collections.size() < MAX_COLLECTIONS) {
              collections.add(collection);
            }
          }
        },
        "collections");
    return List.copyOf(collections);
  }

  private static @Nullable Collection collection(JsonParser json, URI parent) throws IOException {
    String id = null;
    String title = "";
    boolean readable = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "id" -> id = json.getValueAsString();
        case "title" -> title = json.getValueAsString("");
        case "can_read" -> readable = value == JsonToken.VALUE_TRUE;
        default -> {}
      }
      json.skipChildren();
    }
    // An id is a UUID (TAXII 2.1 §5.2.1); anything else could lead elsewhere.
    if (id == null || id.length() > 64 || !id.matches("[0-9A-Za-z-]+")) {
      return null;
    }
    return new Collection(parent.resolve(id + "/"), id, title, readable);
  }

  private @Nullable URI resolve(String root) {
    try {
      return URI.create(folder(discovery.resolve(root).toString()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private boolean isOfServer(URI address) {
    return discovery.getScheme().equalsIgnoreCase(address.getScheme())
        && discovery.getHost().equalsIgnoreCase(address.getHost())
        && port(discovery) == port(address);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
  }

  private static String folder(String address) {
    return address.endsWith("/") ? address : address + '/';
  }

  /** Reads the value of one field of an answer; the parser stands on it. */
  private interface Field {
    void read(JsonParser json) throws IOException;
  }

  private void ask(URI address, FetchContext context, Field field, String name)
      throws IOException, InterruptedException {
    boolean[] found = new boolean[1];
    HttpFeed.Builder request =
        HttpFeed.builder(info)
            .location(address.toString())
            .header("Accept", TaxiiCollection.ACCEPT)
            .parser(
                (body, feed) -> {
                  found[0] = read(body, feed, field, name);
                  return Collections.emptyIterator();
                });
    credentials.sendWith(request);
    if ("http".equalsIgnoreCase(address.getScheme())) {
      request.plainHttp();
    }
    try (FetchResult result = request.build().fetch(context, null)) {
      if (result instanceof FetchResult.Modified modified) {
        modified.reader().forEach(entry -> {});
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    // A root without collections may leave the field out; a server without roots may not exist.
    if (!found[0] && name.equals("api_roots")) {
      throw FeedException.contractBroken(
          info.id(), "json-path", "the answer of the server names no API root", null);
    }
  }

  private static boolean read(FeedBody body, FeedInfo feed, Field field, String name)
      throws IOException {
    boolean found = false;
    try (JsonParser json = JSON.createParser(body.stream())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw FeedException.contractBroken(
            feed.id(), "json-path", "the answer of the server is no object", null);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals(name);
        json.nextToken();
        if (wanted) {
          found = true;
          field.read(json);
        }
        json.skipChildren();
      }
      return found;
    } catch (JsonProcessingException e) {
      throw FeedException.contractBroken(
          feed.id(), "json-syntax", "the answer of the server is cut or no JSON", e);
    }
  }
}
