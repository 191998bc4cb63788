package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.storage.BackgroundWork;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.DiskReserve;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done now and then: ticks, retention, group deadlines, the disk's reserve. */
final class Maintenance {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    private static final long TICK_MS = 1000;
    private static final long GROUP_TICK_MS = 100;

    private final Loops loops;
    private final PartitionDirectory directory;
    private final GroupCoordinator groups;
    private final TransactionCoordinator transactions;
    private final Queues queues;
    private final DiskReserve reserve;
    private final ExecutorService cleaner =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("cleaner", true));
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<OwnerLoop.Cancellable> scheduled = new ArrayList<>();

    Maintenance(
            Loops loops,
            PartitionDirectory directory,
            GroupCoordinator groups,
            TransactionCoordinator transactions,
            Queues queues,
            DiskReserve reserve) {
        this.loops = loops;
        this.directory = directory;
        this.groups = groups;
        this.transactions = transactions;
        this.queues = queues;
        this.reserve = reserve;
    }

    void start(BrokerConfig config) {
        for (OwnerLoop loop : loops.all()) {
            every(loop, () -> onEach(loop, Maintenance::tick), TICK_MS);
            every(
                    loop,
                    () -> onEach(loop, Maintenance::retain),
                    config.number("log.retention.check.interval.ms"));
            long keyMemory = config.number("log.cleaner.dedupe.buffer.size");
            every(
                    loop,
                    () -> onEach(loop, partition -> compact(partition, keyMemory)),
                    Math.max(100, config.number("log.cleaner.backoff.ms")));
        }
        OwnerLoop first = loops.all().getFirst();
        every(first, this::verifyAll, config.number("millrace.verify.interval.ms"));
        every(first, groups::tick, GROUP_TICK_MS);
        every(first, transactions::tick, GROUP_TICK_MS);
        every(
                first,
                transactions::expire,
                config.number("transaction.remove.expired.transaction.cleanup.interval.ms"));
        every(first, queues.coordinator()::tick, GROUP_TICK_MS);
        every(first, groups::expireOffsets, config.number("offsets.retention.check.interval.ms"));
        every(first, this::measureReserve, TICK_MS);
    }

    private void every(OwnerLoop loop, Runnable task, long periodMs) {
        scheduled.add(loop.every(task, periodMs));
    }

    void stop() {
        scheduled.forEach(OwnerLoop.Cancellable::cancel);
        stopping.set(true);
        cleaner.shutdown();
        try {
            if (!cleaner.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("A compaction did not end in time; the next start discards what it wrote");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Has the cleaner thread read every closed segment of every log, one log after another. */
    private void verifyAll() {
        for (PartitionDirectory.HostedTopic topic : directory.all()) {
            topic.partitions().forEach(partition -> cleaner.execute(() -> verify(partition)));
        }
    }

    /**
     * On the cleaner thread: plans on the partition's loop, reads here, reports back to the loop.
     */
    private void verify(Partition partition) {
        if (stopping.get()) {
            return;
        }
        try {
            CompletableFuture.supplyAsync(() -> plan(partition), partition)
                    .join()
                    .ifPresent(pass -> run(partition, pass));
        } catch (CompletionException e) {
            LOG.error("{} could not be verified: {}", partition.id(), e.getMessage());
        }
    }

    private static Optional<BackgroundWork> plan(Partition partition) {
        boolean usable = partition.isOpen() && !partition.isDeleted() && !partition.isOffline();
        return usable ? Optional.of(partition.log().planVerification()) : Optional.empty();
    }

    /** Has the cleaner thread compact a log that is worth it, and puts the result in place. */
    private void compact(Partition partition, long keyMemoryBytes) {
        partition
                .log()
                .planCompaction(partition.loop().nowMs(), partition.highWatermark(), keyMemoryBytes)
                .ifPresent(work -> cleaner.execute(() -> run(partition, work)));
    }

    private static void run(Partition partition, BackgroundWork work) {
        try {
            work.run();
        } catch (StorageException e) {
            LOG.error("{}: {}", partition.id(), e.getMessage());
        } finally {
            partition.execute(() -> finish(partition, work));
        }
    }

    private static void finish(Partition partition, BackgroundWork work) {
        if (partition.isDeleted() || partition.isOffline()) {
            return;
        }
        try {
            String done = work.finish();
            if (!done.isEmpty()) {
                LOG.info("{}: {}", partition.id(), done);
            }
        } catch (StorageException e) {
            LOG.error("{}: {}", partition.id(), e.getMessage());
        }
    }

    private void onEach(OwnerLoop loop, Consumer<Partition> task) {
        for (PartitionDirectory.HostedTopic topic : directory.all()) {
            for (Partition partition : topic.partitions()) {
                if (partition.loop() == loop
                        && partition.isOpen()
                        && !partition.isDeleted()
                        && !partition.isOffline()) {
                    task.accept(partition);
                }
            }
        }
    }

    private static void tick(Partition partition) {
        partition.log().tick(partition.loop().nowMs());
    }

    private static void retain(Partition partition) {
        try {
            int deleted =
                    partition.log().retain(partition.loop().nowMs(), partition.highWatermark());
            if (deleted > 0) {
                LOG.info("{}: deleted {} segments past their retention", partition.id(), deleted);
            }
        } catch (StorageException e) {
            LOG.error("Retention failed: {}", e.getMessage());
        }
    }

    private void measureReserve() {
        try {
            if (reserve.refresh()) {
                LOG.warn(
                        reserve.isExhausted()
                                ? "The disk is full up to its reserve: writes are refused"
                                : "The disk has room again: writes are accepted");
            }
        } catch (IOException e) {
            LOG.error("The disk's free space cannot be measured: {}", e.getMessage());
        }
    }
}
