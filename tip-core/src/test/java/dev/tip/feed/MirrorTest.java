// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {
  private static final URI ADDRESS = URI.create("https://list.example/all.txt");

  @TempDir Path folder;

  private Path table(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void folderAndTableOpenTheSameMirror() throws IOException {
    Path table =
        table("mirror.tsv", "# url\tfile\n\nhttps://list.example/all.txt\ta/all.txt\tnote\n");
    assertThat(Mirror.open(folder).file(ADDRESS)).contains(folder.resolve("a/all.txt"));
    assertThat(Mirror.open(table).file(ADDRESS)).contains(folder.resolve("a/all.txt"));
    assertThat(Mirror.open(table).file(URI.create("https://list.example/other"))).isEmpty();
  }

  @Test
  void fileOutsideTheFolderIsRefused() throws IOException {
    Path table = table("mirror.tsv", "https://list.example/all.txt\t../all.txt\n");
    assertThatThrownBy(() -> Mirror.open(table))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 1");
  }

  @Test
  void nameThatIsNoFileNameIsRefused() throws IOException {
    Path table = table("mirror.tsv", "https://list.example/all.txt\ta\0b\n");
    assertThatThrownBy(() -> Mirror.open(table))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 1");
  }

  @Test
  void addressWithTwoFilesIsRefused() throws IOException {
    Path table =
        table("mirror.tsv", "https://list.example/all.txt\ta\nhttps://list.example/all.txt\tb\n");
    assertThatThrownBy(() -> Mirror.open(table))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void lineWithoutFileIsRefused() throws IOException {
    Path table = table("cut.tsv", "# url\nhttps://list.example/all.txt\n");
    assertThatThrownBy(() -> Mirror.open(table)).hasMessageContaining("line 2");
  }

  @Test
  void folderWithoutTableIsRefused() {
    assertThatThrownBy(() -> Mirror.open(folder)).hasMessageContaining("mirror.tsv");
  }
}
