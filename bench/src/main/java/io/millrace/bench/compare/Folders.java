package io.millrace.bench.compare;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Folders that exist for one task. */
public final class Folders {
    private Folders() {}

    /** Something that is done with a folder of its own. */
    @FunctionalInterface
    public interface Task {
        void run(Path folder) throws IOException, InterruptedException;
    }

    /** Makes a folder in another, and deletes it when the task is done. */
    public static void during(Path parent, Task task) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(parent, "millrace-bench");
        try {
            task.run(folder);
        } finally {
            delete(folder);
        }
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path done, @Nullable IOException failure) throws IOException {
                        Files.delete(done);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
