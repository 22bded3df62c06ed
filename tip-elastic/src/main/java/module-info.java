// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Stores the indicators of tip in Elasticsearch and sets up the index for it. */
@NullMarked
module dev.tip.elastic {
  requires transitive dev.tip.core;
  requires transitive dev.tip.rules;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;
  requires static transitive org.jspecify;

  // The client and what its signatures need; none of them has a module descriptor.
  requires transitive elasticsearch.java;
  requires elasticsearch.rest.client;
  requires jakarta.json;
  requires org.apache.httpcomponents.httpclient;
  requires org.apache.httpcomponents.httpcore;
  requires org.apache.httpcomponents.httpasyncclient;

  exports dev.tip.elastic;

  provides dev.tip.sink.IndicatorSinkProvider with
      dev.tip.elastic.ElasticsearchSinkProvider;
}
