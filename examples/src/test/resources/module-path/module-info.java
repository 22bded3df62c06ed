// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Somebody's tool with tip inside. */
module embedder {
  requires dev.tip.elastic;
  requires dev.tip.feeds;
  requires dev.tip.rules;
  requires dev.tip.testkit;
  requires org.junit.jupiter.api;
  requires org.junit.platform.launcher;

  uses dev.tip.sink.IndicatorSinkProvider;

  opens embedder to
      org.junit.platform.commons;
}
