// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter.Inclusion;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.NdjsonSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class NdjsonSinkContractTest extends IndicatorSinkContract {
  @TempDir Path dir;

  @Override
  protected IndicatorSink open() throws IOException {
    return NdjsonSink.builder(file()).build();
  }

  private Path file() {
    return dir.resolve("indicators.ndjson");
  }

  @Override
  protected List<Stored> stored(Set<String> ids) throws IOException {
    List<Stored> out = new ArrayList<>();
    for (String line : Files.readAllLines(file())) {
      String id = field(line, "/tip/indicator/id");
      if (ids.contains(id)) {
        out.add(
            new Stored(
                id,
                Long.parseLong(field(line, "/tip/generation")),
                field(line, "/tip/status").equals("active")));
      }
    }
    return out;
  }

  private static String field(String line, String pointer) throws IOException {
    try (JsonParser json =
        new FilteringParserDelegate(
            new JsonFactory().createParser(line),
            new JsonPointerBasedFilter(pointer),
            Inclusion.ONLY_INCLUDE_ALL,
            false)) {
      JsonToken token = json.nextToken();
      if (token == null) {
        throw new IOException("no " + pointer + " in " + line);
      }
      return json.getText();
    }
  }

  @Override
  protected Set<Ability> abilities() {
    return Set.of();
  }
}
