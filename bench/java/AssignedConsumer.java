// Reads a topic from its beginning with Apache Kafka's own consumer and a fixed assignment (no group), and prints what
// kafka-consumer-perf-test measures: bytes, records and seconds from the first poll to the last record wanted.
// Arguments: BOOTSTRAP TOPIC RECORDS [key=value…]
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class AssignedConsumer {
  public static void main(String[] args) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("receive.buffer.bytes", "2097152");
    for (int i = 3; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    long wanted = Long.parseLong(args[2]);
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(args[1]).forEach(p -> partitions.add(new TopicPartition(args[1], p.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long records = 0;
      long bytes = 0;
      long from = System.nanoTime();
      long last = from;
      while (records < wanted && System.nanoTime() - last < 20_000_000_000L) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(100));
        if (!polled.isEmpty()) last = System.nanoTime();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
          records++;
          bytes += record.value() == null ? 0 : record.value().length;
        }
      }
      System.out.printf("{\"records\":%d,\"bytes\":%d,\"seconds\":%.6f}%n", records, bytes, (last - from) / 1e9);
    }
  }
}
