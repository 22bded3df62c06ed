// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Tests that an implementer of tip extends, and the servers those tests run against. */
@NullMarked
module dev.tip.testkit {
  requires java.compiler;
  requires transitive dev.tip.core;
  requires static transitive org.junit.jupiter.api;
  requires static transitive org.jspecify;

  exports dev.tip.testkit;

  // The contracts' tests are not public.
  opens dev.tip.testkit to
      org.junit.platform.commons;
}
