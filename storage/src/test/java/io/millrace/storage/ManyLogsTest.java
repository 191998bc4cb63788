package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.disk.OpenFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What many partitions cost while nobody uses them. Prints its figures. */
final class ManyLogsTest {
    private static final int LOGS = Integer.getInteger("millrace.logs", 500);

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private List<PartitionLog> openAll(LogConfig config) {
        var opened = new ArrayList<PartitionLog>(LOGS);
        for (int i = 0; i < LOGS; i++) {
            opened.add(logs.open(home.resolve("t-" + i), config));
        }
        return opened;
    }

    @Test
    void anIdleLogKeepsNoFileAndLittleMemory() throws IOException {
        LogConfig config = LogConfig.defaults();
        prepare(config);
        long before = usedBytes();
        long started = System.nanoTime();
        List<PartitionLog> opened = openAll(config);
        long openUs = Duration.ofNanos(System.nanoTime() - started).toNanos() / 1000 / LOGS;
        long eachBytes = (usedBytes() - before) / LOGS;

        for (PartitionLog log : opened) {
            TestLogs.append(log, 100, "key=value");
        }
        assertThat(openFilesUnder(home)).as("while in use").hasSizeGreaterThanOrEqualTo(LOGS);
        opened.forEach(log -> log.tick(100_000));
        opened.forEach(log -> log.tick(200_000));
        long idleBytes = (usedBytes() - before) / LOGS;

        System.out.printf(
                "%d logs: opened in %d us each, %d bytes each; %d bytes after use%n",
                LOGS, openUs, eachBytes, idleBytes);
        assertThat(openFilesUnder(home)).as("when idle").isEmpty();
        assertThat(eachBytes).isLessThan(2048);
        assertThat(idleBytes).isLessThan(2048);
        assertThat(opened).hasSize(LOGS);
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void logsInUseShareSoManyOpenFiles(Durability durability) throws IOException {
        logs.openFiles = new OpenFiles(20);
        LogEnvironment env = logs.environment(home, durability);
        var opened = new ArrayList<PartitionLog>(LOGS);
        for (int i = 0; i < LOGS; i++) {
            opened.add(
                    PartitionLog.open(
                            env, home.resolve("t-" + i), LogConfig.defaults(), logs, 1000));
        }

        for (int round = 0; round < 3; round++) {
            for (PartitionLog log : opened) {
                TestLogs.append(log, 100, "key=value" + round);
                log.requestFlush();
            }
        }

        assertThat(openFilesUnder(home)).hasSizeLessThanOrEqualTo(20);
        for (PartitionLog log : opened) {
            assertThat(log.flushedOffset()).isEqualTo(3);
            assertThat(TestLogs.read(log, 0))
                    .containsExactly("0:key=value0", "1:key=value1", "2:key=value2");
            log.close(1000);
        }
        assertThat(openFilesUnder(home)).isEmpty();
        assertThat(logs.openFiles.count()).isZero();
    }

    private void prepare(LogConfig config) {
        for (PartitionLog log : openAll(config)) {
            for (int i = 0; i < 3; i++) {
                TestLogs.append(log, 100, "key=value" + i);
            }
            log.close(1000);
        }
        openAll(config);
    }

    private static long usedBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** What this process holds open below a folder, as Linux tells. */
    private static List<Path> openFilesUnder(Path folder) throws IOException {
        var open = new ArrayList<Path>();
        try (var links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                Path target = Files.isSymbolicLink(link) ? Files.readSymbolicLink(link) : link;
                if (target.startsWith(folder)) {
                    open.add(target);
                }
            }
        }
        return open;
    }
}
