package io.millrace.bench.micro;

import io.millrace.bench.io.store.BenchBatches;
import io.millrace.broker.wire.Request;
import io.millrace.storage.batch.Codec;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A produce request from its frame to the handler's door, and with an answer on its way back. The
 * difference of the two is the answer's encoding.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    @Param({"1", "10"})
    private int partitions;

    private final WireHarness silent = new WireHarness();
    private final WireHarness answering = new WireHarness().handledBy(CodecBenchmark::answer);
    private ByteBuf produce;

    @Setup
    public void makeFrame() {
        produce = WireFrames.produce(partitions, BenchBatches.of(1, 1024, Codec.NONE));
    }

    @TearDown
    public void close() {
        silent.close();
        answering.close();
        produce.release();
    }

    @Benchmark
    public int decodeProduce() {
        return silent.send(produce);
    }

    @Benchmark
    public int decodeProduceAndEncodeAnswer() {
        return answering.send(produce);
    }

    private static void answer(Request request) {
        var data = new ProduceResponseData();
        for (var topic : request.body(ProduceRequest.class).data().topicData()) {
            var answered = new TopicProduceResponse().setTopicId(topic.topicId());
            for (var partition : topic.partitionData()) {
                answered.partitionResponses()
                        .add(new PartitionProduceResponse().setIndex(partition.index()));
            }
            data.responses().add(answered);
        }
        request.answer(new ProduceResponse(data));
    }
}
