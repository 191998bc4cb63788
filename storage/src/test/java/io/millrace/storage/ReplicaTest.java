package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.ReplicaAppend.Reason;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.EpochEnd;
import io.millrace.storage.batch.RecordBatchEditor;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log as a follower's: what it takes from a leader, and how it gives way to it. */
final class ReplicaTest {
    private static final long NOW_MS = 1000;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open(String name) {
        return logs.open(home.resolve(name), TestLogs.smallSegments(600));
    }

    private PartitionLog openCompacted() {
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 0);
        return logs.open(
                home.resolve("follower-0"),
                TestLogs.smallSegments(600)
                        .withRetention(new LogConfig.Retention(false, true, -1, -1, compaction)));
    }

    private static ByteBuffer bytes(PartitionLog log, long from) {
        var all = ByteBuffer.allocate(1 << 20);
        for (long offset = from; offset < log.logEndOffset(); ) {
            LogSlice slice = log.read(offset, log.logEndOffset(), 1 << 20, true);
            ByteBuffer part = slice.read();
            slice.release();
            for (int at = part.position(); at < part.limit(); ) {
                var view = new RecordBatchView().wrap(part, at);
                offset = view.lastOffset() + 1;
                at += view.sizeBytes();
            }
            all.put(part);
        }
        return all.flip();
    }

    private static ByteBuffer batch(long offset, int epoch, int records) {
        var builder = new BatchBuilder(offset, Codec.NONE, Codec.DEFAULT_LEVEL).leaderEpoch(epoch);
        for (int i = 0; i < records; i++) {
            builder.add(NOW_MS, null, "v".getBytes(StandardCharsets.UTF_8));
        }
        return builder.build();
    }

    private static ByteBuffer together(ByteBuffer... parts) {
        var all = ByteBuffer.allocate(1 << 16);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }

    private static void fill(PartitionLog log, int count) {
        for (int i = 0; i < count; i++) {
            append(log, 100 + log.logEndOffset(), "k=" + log.logEndOffset());
        }
    }

    private static ByteBuffer transactional(PartitionLog log, long producer, int sequence) {
        ByteBuffer batch =
                new BatchBuilder()
                        .producer(producer, (short) 0, sequence)
                        .transactional()
                        .add(NOW_MS, null, new byte[10])
                        .build();
        OptionalLong number = log.transactions().beginVerification(batch);
        var verification = number.isPresent() ? new Verification(number.getAsLong(), false) : null;
        assertThat(log.append(batch, new AppendRequest(Origin.CLIENT, 0, NOW_MS, verification)))
                .isInstanceOf(AppendResult.Appended.class);
        return batch;
    }

    private static void end(PartitionLog log, long producer, boolean commit) {
        log.transactions().end(new TransactionEnd(producer, (short) 1, 7, commit, true), 0, NOW_MS);
    }

    private static Reason refusal(ReplicaAppend result) {
        return result instanceof ReplicaAppend.Refused refused ? refused.reason() : throwIt(result);
    }

    private static Reason throwIt(ReplicaAppend result) {
        throw new AssertionError("taken: " + result);
    }

    @Test
    void aFollowerHoldsItsLeadersBatchesByteForByteInSegmentsAlike() throws IOException {
        PartitionLog leader = open("leader-0");
        PartitionLog follower = open("follower-0");
        fill(leader, 60);

        var result = follower.appendAsReplica(bytes(leader, 0), NOW_MS);

        assertThat(result).isEqualTo(new ReplicaAppend.Appended(60, 60));
        assertThat(bytes(follower, 0)).isEqualTo(bytes(leader, 0));
        assertThat(names("follower-0")).isEqualTo(names("leader-0"));
        assertThat(follower.offsetForTimestamp(130, 60))
                .isEqualTo(leader.offsetForTimestamp(130, 60));
    }

    private List<String> names(String folder) throws IOException {
        try (var files = Files.list(home.resolve(folder))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aFollowersTransactionsAndProducersAreItsLeaders() {
        PartitionLog leader = open("leader-0");
        PartitionLog follower = open("follower-0");
        transactional(leader, 1, 0);
        transactional(leader, 2, 0);
        end(leader, 1, false);
        ByteBuffer open = transactional(leader, 3, 0);
        end(leader, 2, true);

        follower.appendAsReplica(bytes(leader, 0), NOW_MS);

        assertThat(follower.activeProducers())
                .containsExactlyInAnyOrderElementsOf(leader.activeProducers());
        assertThat(follower.transactions().aborted(0, 5))
                .isEqualTo(leader.transactions().aborted(0, 5))
                .containsExactly(new AbortedTransaction(1, 0, 2, 1));
        assertThat(follower.transactions().lastStableOffset(5)).isEqualTo(3);
        RecordBatchEditor.assign(open, 0, 0, 0);
        assertThat(follower.append(open, new AppendRequest(Origin.CLIENT, 1, NOW_MS)))
                .isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void aBatchThatCameInPartIsIgnored() {
        PartitionLog follower = open("follower-0");
        ByteBuffer two = together(batch(0, 0, 2), batch(2, 0, 2));

        assertThat(follower.appendAsReplica(two.duplicate().limit(two.limit() - 1), NOW_MS))
                .isEqualTo(new ReplicaAppend.Appended(1, 2));
        assertThat(follower.appendAsReplica(batch(2, 0, 1).limit(10), NOW_MS))
                .isEqualTo(new ReplicaAppend.Appended(0, 2));
    }

    @Test
    void offsetsMayHaveGaps() {
        PartitionLog follower = openCompacted();
        long far = 5L << 31;

        follower.appendAsReplica(
                together(batch(3, 0, 2), batch(10, 0, 1), batch(far, 1, 3)), NOW_MS);

        assertThat(follower.logStartOffset()).isZero();
        assertThat(follower.logEndOffset()).isEqualTo(far + 3);
        assertThat(read(follower, 0).getFirst()).startsWith("3:");
        assertThat(read(follower, 5)).hasSize(4).first().asString().startsWith("10:");
        assertThat(read(openCompacted(), 0)).isEqualTo(read(follower, 0));
        assertThat(follower.endOfEpoch(0)).isEqualTo(new EpochEnd(0, far));
    }

    @Test
    void aBatchThatIsNotAsItsCrcOrItsHeaderSaysIsRefusedAndThoseBeforeItAreTaken() {
        PartitionLog follower = open("follower-0");
        ByteBuffer flipped = batch(1, 0, 1);
        flipped.put(65, (byte) (flipped.get(65) ^ 1));
        ByteBuffer old = batch(1, 0, 1).put(16, (byte) 1);
        ByteBuffer tiny = batch(1, 0, 1).putInt(8, 20);
        ByteBuffer negative = batch(1, 0, 1).putInt(8, -1);
        ByteBuffer endless = batch(1, 0, 1).putLong(0, Long.MAX_VALUE);
        ByteBuffer before = batch(1, 0, 1).putLong(0, -5);

        var first = follower.appendAsReplica(together(batch(0, 0, 1), flipped), NOW_MS);

        assertThat(refusal(first)).isEqualTo(Reason.CORRUPT);
        assertThat(first.logEndOffset()).isEqualTo(1);
        for (ByteBuffer bad : new ByteBuffer[] {old, tiny, negative, endless, before}) {
            assertThat(refusal(follower.appendAsReplica(bad, NOW_MS))).isEqualTo(Reason.CORRUPT);
        }
        assertThat(follower.logEndOffset()).isEqualTo(1);
    }

    @Test
    void aBatchThatBeginsBeforeTheEndIsRefusedThoughItEndsBehindIt() {
        PartitionLog follower = open("follower-0");
        follower.appendAsReplica(batch(0, 0, 4), NOW_MS);

        assertThat(refusal(follower.appendAsReplica(batch(3, 0, 4), NOW_MS)))
                .isEqualTo(Reason.OFFSET_BEFORE_END);
        assertThat(
                        refusal(
                                follower.appendAsReplica(
                                        together(batch(4, 0, 4), batch(6, 0, 4)), NOW_MS)))
                .isEqualTo(Reason.OFFSET_BEFORE_END);
        assertThat(follower.logEndOffset()).isEqualTo(8);
    }

    @Test
    void anOlderLeaderEpochIsRefused() {
        PartitionLog follower = open("follower-0");
        follower.appendAsReplica(batch(0, 3, 1), NOW_MS);

        assertThat(refusal(follower.appendAsReplica(batch(1, 2, 1), NOW_MS)))
                .isEqualTo(Reason.EPOCH_BEFORE_LATEST);
        assertThat(follower.endOfEpoch(3)).isEqualTo(new EpochEnd(3, 1));
    }

    @Test
    void anEpochThatHasBegunEndsTheOneBeforeItThroughARestart() {
        PartitionLog log = open("leader-0");
        fill(log, 3);

        log.beginEpoch(4);
        log.beginEpoch(2);

        assertThat(log.latestEpoch()).isEqualTo(4);
        assertThat(log.endOfEpoch(0)).isEqualTo(new EpochEnd(0, 3));
        log.close(NOW_MS);
        PartitionLog again = open("leader-0");
        assertThat(again.endOfEpoch(3)).isEqualTo(new EpochEnd(0, 3));
        assertThat(again.endOfEpoch(4)).isEqualTo(new EpochEnd(4, 3));
    }

    @Test
    void anEpochWithoutRecordsGivesWayToTheNextThatBeginsThere() {
        PartitionLog log = open("leader-0");
        fill(log, 3);
        log.beginEpoch(4);

        log.beginEpoch(6);

        assertThat(log.endOfEpoch(5)).isEqualTo(new EpochEnd(0, 3));
        log.appendAsReplica(batch(3, 7, 1), NOW_MS);
        assertThat(log.endOfEpoch(6)).isEqualTo(new EpochEnd(0, 3));
        assertThat(log.endOfEpoch(7)).isEqualTo(new EpochEnd(7, 4));
    }

    @Test
    void anEpochMayBeginBeforeThereIsAFolder() {
        PartitionLog log = open("leader-0");
        log.beginEpoch(4);
        log.recordHighWatermark(0);

        log.close(NOW_MS);

        assertThat(Files.exists(home.resolve("leader-0"))).isFalse();
        assertThat(log.endOfEpoch(4)).isEqualTo(new EpochEnd(4, 0));
    }

    @Test
    void anEpochWithoutRecordsIsForgottenByATruncationThatCutsNothing() {
        PartitionLog log = open("leader-0");
        fill(log, 3);
        log.beginEpoch(9);

        assertThat(log.truncateTo(3)).isEqualTo(3);

        assertThat(log.latestEpoch()).isZero();
        assertThat(log.appendAsReplica(batch(3, 5, 1), NOW_MS))
                .isInstanceOf(ReplicaAppend.Appended.class);
        assertThat(open("leader-0").latestEpoch()).isEqualTo(5);
    }

    @Test
    void aTruncationLeavesTheStateOfWhatIsBeforeIt() {
        PartitionLog leader = open("leader-0");
        transactional(leader, 1, 0);
        end(leader, 1, false);
        fill(leader, 20);
        transactional(leader, 2, 0);
        long cut = leader.logEndOffset();
        fill(leader, 20);
        end(leader, 2, false);
        transactional(leader, 3, 0);
        PartitionLog shorter = open("shorter-0");
        PartitionLog follower = open("follower-0");
        ByteBuffer all = bytes(leader, 0);
        follower.appendAsReplica(all, NOW_MS);
        follower.beginEpoch(5);
        follower.recordHighWatermark(follower.logEndOffset());
        shorter.appendAsReplica(all, NOW_MS);

        follower.truncateTo(cut);

        assertThat(follower.activeProducers()).extracting("producerId").containsExactly(1L, 2L);
        assertThat(follower.transactions().lastStableOffset(cut)).isEqualTo(cut - 1);
        assertThat(follower.transactions().aborted(0, cut)).hasSize(1);
        assertThat(follower.endOfEpoch(5)).isEqualTo(new EpochEnd(-1, -1));
        follower.close(NOW_MS);
        assertThat(open("follower-0").checkpointedHighWatermark()).hasValue(cut);
        follower = open("follower-0");
        follower.appendAsReplica(bytes(leader, cut), NOW_MS);
        assertThat(bytes(follower, 0)).isEqualTo(all);
        assertThat(follower.activeProducers())
                .containsExactlyInAnyOrderElementsOf(shorter.activeProducers());
        assertThat(follower.transactions().aborted(0, leader.logEndOffset()))
                .isEqualTo(leader.transactions().aborted(0, leader.logEndOffset()));
    }

    @Test
    void aLogThatStartsAnewHasNothingOfTheOld() throws IOException {
        PartitionLog log = open("follower-0");
        fill(log, 60);
        transactional(log, 1, 0);

        log.restartAt(1000);

        assertThat(log.logStartOffset()).isEqualTo(1000);
        assertThat(log.logEndOffset()).isEqualTo(1000);
        assertThat(log.flushedOffset()).isEqualTo(1000);
        assertThat(log.latestEpoch()).isEqualTo(-1);
        assertThat(log.activeProducers()).isEmpty();
        assertThat(log.transactions().lastStableOffset(1000)).isEqualTo(1000);
        assertThat(names("follower-0")).isEmpty();
        assertThat(open("follower-0").logEndOffset()).isEqualTo(1000);
        log.appendAsReplica(batch(1000, 3, 2), NOW_MS);
        PartitionLog again = open("follower-0");
        assertThat(again.logStartOffset()).isEqualTo(1000);
        assertThat(read(again, 1000)).hasSize(2);
        assertThat(again.checkpointedHighWatermark()).hasValue(1000);
    }

    @Test
    void aLogThatHasNothingYetMayStartAnywhere() {
        open("follower-0").restartAt(77);

        assertThat(open("follower-0").logEndOffset()).isEqualTo(77);
    }

    @Test
    void aLogMayStartAnewWhereOneOfItsOldSegmentsBegan() {
        PartitionLog log = open("follower-0");
        fill(log, 60);
        log.deleteRecordsBefore(40);
        log.retain(NOW_MS, 60);

        assertThat(log.truncateTo(0)).isZero();

        fill(log, 10);
        log.close(NOW_MS);
        assertThat(read(open("follower-0"), 0)).hasSize(10);
    }

    @Test
    void aFollowerFollowsTheLogStartBeyondItsEnd() {
        PartitionLog log = open("follower-0");
        fill(log, 10);

        assertThat(log.raiseLogStart(4)).isEqualTo(4);
        assertThat(log.raiseLogStart(2)).isEqualTo(4);
        assertThat(log.logEndOffset()).isEqualTo(10);
        assertThat(log.raiseLogStart(30)).isEqualTo(30);
        assertThat(log.logEndOffset()).isEqualTo(30);
    }

    @Test
    void aFollowerThatStartsInTheMiddleOfABatchTakesAllOfIt() {
        PartitionLog log = open("follower-0");
        log.raiseLogStart(13);

        assertThat(refusal(log.appendAsReplica(batch(9, 2, 4), NOW_MS)))
                .isEqualTo(Reason.OFFSET_BEFORE_END);
        assertThat(log.appendAsReplica(together(batch(11, 2, 4), batch(15, 3, 1)), NOW_MS))
                .isEqualTo(new ReplicaAppend.Appended(2, 16));

        assertThat(log.logStartOffset()).isEqualTo(13);
        assertThat(log.endOfEpoch(1)).isEqualTo(new EpochEnd(1, 13));
        assertThat(read(log, 13)).hasSize(3);
        PartitionLog again = open("follower-0");
        assertThat(again.logStartOffset()).isEqualTo(13);
        assertThat(read(again, 13)).hasSize(3);
        assertThat(again.endOfEpoch(2)).isEqualTo(new EpochEnd(2, 15));
    }

    @Test
    void theHighWatermarkIsKeptByTheCheckpointWithinTheLog() {
        PartitionLog log = open("follower-0");
        fill(log, 10);
        assertThat(log.checkpointedHighWatermark()).isEmpty();

        log.recordHighWatermark(99);
        log.deleteRecordsBefore(4);
        log.close(NOW_MS);
        assertThat(open("follower-0").checkpointedHighWatermark()).hasValue(10);

        PartitionLog again = open("follower-0");
        again.recordHighWatermark(2);
        again.close(NOW_MS);
        assertThat(open("follower-0").checkpointedHighWatermark()).hasValue(4);
    }

    @Test
    void aTruncationIntoAQuarantinedRangeTakesAllOfItAway() throws IOException {
        PartitionLog log = open("follower-0");
        log.appendAsReplica(
                together(batch(0, 0, 2), batch(2, 0, 2), batch(4, 0, 2), batch(6, 0, 2)), NOW_MS);
        log.close(NOW_MS);
        Path file = home.resolve("follower-0/00000000000000000000.log");
        byte[] stored = Files.readAllBytes(file);
        stored[stored.length / 4 * 2 + 70] ^= 1;
        Files.write(file, stored);
        Files.delete(home.resolve("follower-0/checkpoint"));
        PartitionLog damaged = open("follower-0");
        assertThat(damaged.quarantined()).hasSize(1);

        assertThat(damaged.truncateTo(5)).isEqualTo(4);

        assertThat(damaged.quarantined()).isEmpty();
        assertThat(Files.size(file)).isEqualTo(stored.length / 2);
        damaged.appendAsReplica(batch(4, 0, 2), NOW_MS);
        assertThat(read(damaged, 0)).hasSize(6);
    }

    @Test
    void whatAVerificationFoundBeforeATruncationDoesNotCountAfterIt() throws IOException {
        PartitionLog log = open("follower-0");
        fill(log, 60);
        Path file = home.resolve("follower-0/00000000000000000000.log");
        byte[] stored = Files.readAllBytes(file);
        stored[70] ^= 1;
        Files.write(file, stored);
        var pass = log.planVerification();
        pass.run();
        log.truncateTo(0);
        fill(log, 60);

        pass.finish();

        assertThat(log.quarantined()).isEmpty();
        assertThat(read(log, 0)).hasSize(60);
    }

    @Test
    void aCompactionOfWhatWasCutOffMeanwhileIsDropped() {
        PartitionLog log = openCompacted();
        for (int i = 0; i < 30; i++) {
            append(log, NOW_MS, "same=" + i);
        }
        BackgroundWork work = log.planCompaction(NOW_MS, 30, 1 << 20).orElseThrow();
        work.run();
        log.truncateTo(0);
        for (int i = 0; i < 30; i++) {
            append(log, NOW_MS, "other%d=%d".formatted(i, i));
        }

        work.finish();

        assertThat(read(log, 0)).hasSize(30).first().isEqualTo("0:other0=0");
    }
}
