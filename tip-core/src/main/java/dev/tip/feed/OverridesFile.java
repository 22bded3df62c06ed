// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.tip.Confidence;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the changes of feeds that a host keeps in a file. */
final class OverridesFile {
  private static final long MAX_BYTES = 1 << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(MAX_BYTES)
                  .maxNestingDepth(4)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .build();

  private OverridesFile() {}

  static Map<String, FeedSettings.Override> read(InputStream in) throws IOException {
    Map<String, FeedSettings.Override> overrides = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(in)) {
      expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object of feeds");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String feed = json.currentName();
        expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object");
        overrides.put(feed, override(json));
      }
      if (json.nextToken() != null) {
        throw unusable(json, "there is more behind the object");
      }
    } catch (JsonProcessingException e) {
      throw new IOException(at(e.getLocation()) + e.getOriginalMessage(), e);
    }
    return overrides;
  }

  private static FeedSettings.Override override(JsonParser json) throws IOException {
    URI url = null;
    Duration interval = null;
    Duration timeToLive = null;
    Confidence confidence = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      expect(json, json.nextToken(), JsonToken.VALUE_STRING, "a text");
      String value = json.getText();
      switch (name) {
        case "url" -> url = url(json, value);
        case "interval" -> interval = duration(json, value);
        case "timeToLive" -> timeToLive = duration(json, value);
        case "confidence" -> confidence = confidence(json, value);
        default ->
            throw unusable(
                json, name + " cannot be changed; url, interval, timeToLive and confidence can");
      }
    }
    return new FeedSettings.Override(url, interval, timeToLive, confidence);
  }

  private static URI url(JsonParser json, String value) throws IOException {
    try {
      return URI.create(value);
    } catch (IllegalArgumentException e) {
      throw unusable(json, "this is no address");
    }
  }

  private static Duration duration(JsonParser json, String value) throws IOException {
    try {
      Duration duration = Duration.parse(value);
      if (!duration.isNegative()) {
        return duration;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw unusable(json, value + " is no ISO 8601 duration such as PT12H or P10D");
  }

  private static Confidence confidence(JsonParser json, String value) throws IOException {
    for (Confidence confidence : Confidence.values()) {
      if (confidence.ecsValue().equals(value)) {
        return confidence;
      }
    }
    throw unusable(json, value + " is no confidence; Low, Medium and High are");
  }

  private static void expect(
      JsonParser json, @Nullable JsonToken token, JsonToken wanted, String what)
      throws IOException {
    if (token != wanted) {
      throw unusable(json, "expected " + what);
    }
  }

  private static IOException unusable(JsonParser json, String why) {
    return new IOException(at(json.currentTokenLocation()) + why);
  }

  private static String at(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : "line " + location.getLineNr() + ", column " + location.getColumnNr() + ": ";
  }
}
